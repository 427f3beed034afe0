"""What `bot.dialogue.speed` caches must come out as Rasa itself would have it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import get_settings

pytestmark = pytest.mark.slow
QUESTIONS = ("what is ketamine", "hello", "i'd like a consultation", "how long does an infusion take", "thanks")


@pytest.fixture(scope="module")
def runner(trained: None) -> Any:
    from rasa.core.agent import Agent
    from rasa.model import get_local_model

    from bot.dialogue.environment import export

    export()
    archive = sorted((get_settings().env.models / "rasa").glob("*.tar.gz"))[-1]
    processor = Agent.load(get_local_model(str(archive))).processor
    return processor.model_metadata, processor.graph_runner


def test_a_planned_graph_gives_what_dask_gives(runner: Any) -> None:
    import dask
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.shared.core.trackers import DialogueStateTracker

    from bot.dialogue import speed

    metadata, graph = runner
    speed.apply()

    def by_dask(inputs: dict[str, Any], targets: list[str]) -> dict[str, Any]:
        schema = graph._build_dask_graph(graph._graph_schema.minimal_graph_schema(targets))
        DaskGraphRunner._add_inputs_to_graph(inputs, schema)
        return dict(dask.get(schema, targets))

    for question in QUESTIONS:
        inputs = {"__message__": [UserMessage(question)],
                  "__tracker__": DialogueStateTracker.from_events("someone", [], slots=metadata.domain.slots)}
        targets = [metadata.nlu_target]
        ours, theirs = graph.run(inputs, targets), by_dask(inputs, targets)
        assert [message.data for message in ours[targets[0]]] == [message.data for message in theirs[targets[0]]]


def test_an_input_that_is_called_like_a_node_is_refused(runner: Any) -> None:
    from rasa.engine.exceptions import GraphRunError

    from bot.dialogue import speed

    metadata, graph = runner
    speed.apply()
    with pytest.raises(GraphRunError):
        graph.run({metadata.nlu_target: []}, [metadata.nlu_target])


def test_events_are_found_by_their_names() -> None:
    from rasa.shared.core.events import Event, SlotSet, UserUttered

    from bot.dialogue import speed

    speed.apply()
    assert Event.resolve_by_type("slot") is SlotSet
    assert Event.resolve_by_type("user") is UserUttered


@pytest.mark.parametrize("result, right", [
    ({"events": [], "responses": []}, True),
    ({"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": None}], "responses": [{"text": "x"}]}, True),
    ({"events": "none"}, False),
])
def test_an_action_servers_answer_is_still_checked(result: dict[str, Any], right: bool) -> None:
    import jsonschema
    from rasa.core.actions.action import RemoteAction

    from bot.dialogue import speed

    speed.apply()
    action = RemoteAction("action_x", None)
    if right:
        assert action._validate_action_result(result)
    else:
        with pytest.raises(jsonschema.ValidationError):
            action._validate_action_result(result)
