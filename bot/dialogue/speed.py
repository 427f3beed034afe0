"""What Rasa 3.6 works out anew for every event, action and message, worked out once.

All of it leaves results as they are; `tests/dialogue/test_speed.py` holds that.
"""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Dict, List, Optional, Text, Tuple

import sklearn

from bot.dialogue import quick_rules


def apply() -> None:
    """Cache the event-class look-up, compile the action server's answer schema, plan each graph once."""
    _cache_event_classes()
    _compile_action_schema()
    _plan_graphs()
    _copy_slots_plainly()
    _copy_trackers_as_they_are()
    _keep_applied_events()
    _skip_copies_for_the_log()
    quick_rules.apply()
    # scikit-learn checks a vectorizer's settings at every message, which takes longer than its work.
    sklearn.set_config(skip_parameter_validation=True)


def _cache_event_classes() -> None:
    from rasa.shared.core.events import Event

    # Rasa lists all subclasses again for each event it loads: a third of a long turn.
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=256)(Event.resolve_by_type))  # type: ignore[method-assign]


def _compile_action_schema() -> None:
    import jsonschema
    from rasa.core.actions.action import RemoteAction

    # Rasa checks the schema itself, not only the answer, at every call: 15 ms.
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)

    def validate(self: Any, result: Any) -> bool:
        try:
            validator.validate(result)
        except jsonschema.ValidationError as error:
            error.message += f" Failed to validate the answer of action '{self.name()}'."
            raise
        return True

    RemoteAction._validate_action_result = validate  # type: ignore[method-assign]


def _plan_graphs() -> None:
    from rasa.engine.exceptions import GraphRunError
    from rasa.engine.runner.dask import DaskGraphRunner

    # Dask plans the same few steps again at each of a message's three runs, and takes longer than they do.
    def run(self: Any, inputs: Optional[Dict[Text, Any]] = None,
            targets: Optional[List[Text]] = None) -> Dict[Text, Any]:
        wanted = tuple(targets or self._graph_schema.target_names)
        plans: Dict[Any, List[Any]] = self.__dict__.setdefault("_plans", {})
        if wanted not in plans:
            plans[wanted] = _plan(self._graph_schema, wanted)
        done: Dict[Text, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        clash = done.keys() & self._instantiated_nodes.keys()
        if clash:
            raise GraphRunError(f"Input '{min(clash)}' clashes with a node's name.")
        try:
            for name, needs in plans[wanted]:
                done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: done[name][1] for name in wanted}

    DaskGraphRunner.run = run  # type: ignore[method-assign]


def _copy_slots_plainly() -> None:
    from rasa.shared.core.slots import Slot

    # Each action and prediction copies all slots of the tracker; the general way takes five times as long.
    def copied(self: Slot) -> Slot:
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    Slot.__copy__ = copied  # type: ignore[attr-defined]


def _copy_trackers_as_they_are() -> None:
    from rasa.shared.core.trackers import DialogueStateTracker

    # Before each action Rasa makes a copy by living through the whole conversation again.
    def copied(self: DialogueStateTracker) -> DialogueStateTracker:
        made = self.init_copy()
        slots = {name: copy(slot) for name, slot in self.slots.items()}
        made.__dict__.update(self.__dict__, events=self.events.copy(), slots=slots, active_loop=copy(self.active_loop))
        return made

    DialogueStateTracker.copy = copied  # type: ignore[method-assign]


def _keep_applied_events() -> None:
    from rasa.shared.core.events import Event
    from rasa.shared.core.trackers import DialogueStateTracker

    work_out = DialogueStateTracker.applied_events

    # Asked for several times a step; only another event changes it.
    def applied_events(self: DialogueStateTracker) -> List[Event]:
        stamp = (id(self.events), len(self.events), id(self.events[-1]) if self.events else 0)
        kept = self.__dict__.get("_applied")
        if kept is None or kept[0] != stamp:
            kept = self.__dict__["_applied"] = (stamp, work_out(self))
        return list(kept[1])

    DialogueStateTracker.applied_events = applied_events  # type: ignore[method-assign]


def _skip_copies_for_the_log() -> None:
    import rasa.core.policies.rule_policy
    import rasa.core.processor

    # These modules copy events and states through and through for debug lines that nobody writes, and copy
    # nothing else.
    for module in (rasa.core.processor, rasa.core.policies.rule_policy):
        module.copy = SimpleNamespace(deepcopy=lambda value: value)  # type: ignore[attr-defined]


def _plan(schema: Any, targets: Tuple[Text, ...]) -> List[Any]:
    """Return the nodes that `targets` need, each after what it needs itself."""
    planned: Dict[Text, Any] = {}

    def add(name: Text) -> None:
        if name in schema.nodes and name not in planned:
            needs = list(schema.nodes[name].needs.values())
            for need in needs:
                add(need)
            planned[name] = needs

    for target in targets:
        add(target)
    return list(planned.items())
