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


def test_rules_are_found_as_rasa_finds_them(runner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.core.policies.policy import Policy
    from rasa.core.policies.rule_policy import RulePolicy
    from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUtteranceReverted, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    from bot.dialogue import quick_rules, speed

    metadata, graph = runner
    speed.apply()
    policy = next(node._component for node in graph._instantiated_nodes.values()
                  if isinstance(node._component, RulePolicy))

    def said(intent: str) -> UserUttered:
        return UserUttered("some words", {"name": intent})

    listen = ActionExecuted("action_listen")
    greeting = [listen, said("greet"), ActionExecuted("utter_greet"), listen]
    form = [said("book_consultation"), ActionExecuted("consultation_form"), ActiveLoop("consultation_form"),
            SlotSet("requested_slot", "preferred_time"), listen]
    answer = [said("inform"), ActionExecuted("consultation_form"), listen]
    courses: list[list[Any]] = [
        [listen, said("question")], [*greeting, said("thank")], [*greeting, *form, said("inform")],
        [*greeting, *form, said("question")], [*greeting, *form, said("question"), ActionExecuted("utter_question")],
        [*greeting, *form, *answer, *answer, *answer, said("stop_conversation")],
        [*greeting, *form, said("crisis")], [*greeting, said("nothing_known")],
        [*greeting, *greeting, *greeting, said("deny"), ActionExecuted("action_default_fallback"),
         UserUtteranceReverted(), said("affirm")],
        [*greeting, *form, ActiveLoop(None), said("affirm")]]
    for course in courses:
        found = []
        for own in (False, True):
            with monkeypatch.context() as patched:
                if own:
                    patched.setattr(RulePolicy, "_prediction_states", Policy._prediction_states)
                    patched.setattr(RulePolicy, "_get_possible_keys", quick_rules.RASAS_OWN)
                tracker = DialogueStateTracker.from_events("someone", course, slots=metadata.domain.slots)
                prediction = policy.predict_action_probabilities(tracker, metadata.domain)
                found.append((prediction.probabilities, prediction.is_no_user_prediction, prediction.hide_rule_turn,
                              [type(event) for event in prediction.events]))
        assert found[0] == found[1], course


def test_a_copied_tracker_is_the_tracker(runner: Any) -> None:
    from rasa.shared.core.events import ActionExecuted, ActiveLoop, LoopInterrupted, SlotSet, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

    from bot.dialogue import speed

    metadata, _ = runner
    speed.apply()
    events = [ActionExecuted("action_listen"), UserUttered("book", {"name": "book_consultation"}),
              ActionExecuted("consultation_form"), ActiveLoop("consultation_form"), SlotSet("first_name", "Ana"),
              ActionExecuted("action_listen"), UserUttered("wait", {"name": "question"})]
    tracker = DialogueStateTracker.from_events("someone", events, slots=metadata.domain.slots)
    copied, replayed = tracker.copy(), tracker.travel_back_in_time(float("inf"))
    assert copied.current_state(EventVerbosity.ALL) == replayed.current_state(EventVerbosity.ALL)
    before = tracker.current_state(EventVerbosity.ALL)
    for event in (LoopInterrupted(True), SlotSet("first_name", "Bo"), ActionExecuted("utter_question")):
        copied.update(event)
    assert tracker.current_state(EventVerbosity.ALL) == before
