"""Rasa's rules, found again instead of searched for.

At every step Rasa compares the whole conversation with every rule. But a rule looks back a few
turns only, and at a few features of each: what fits a turn is remembered by these.
"""

from __future__ import annotations

import json
from typing import Any, Dict, FrozenSet, List, Set, Text, Tuple

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.shared.core.constants import PREVIOUS_ACTION
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker

MOST_KEPT = 5000
RASAS_OWN = RulePolicy._get_possible_keys


def apply() -> None:
    """Let every rule policy of this process look back no further than its longest rule, and remember."""
    RulePolicy._prediction_states = _prediction_states  # type: ignore[method-assign]
    RulePolicy._get_possible_keys = _possible_keys  # type: ignore[method-assign]


class _Known:
    """What a policy's rules look at, and which of them fit which turn."""

    def __init__(self, lookup: Dict[Text, Any]) -> None:
        states = [list(json.loads(rule)) for kind in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)
                  for rule in lookup.get(kind, {})]
        self.longest = max(map(len, states), default=1)
        self.features = sorted({(kind, feature) for rule in states for state in rule
                                for kind, values in state.items() for feature in values})
        self.fitting: Dict[Tuple[Any, ...], FrozenSet[Text]] = {}

    def seen(self, state: State) -> Tuple[Any, ...]:
        """Return all that a rule can see of a state."""
        return (bool(state.get(PREVIOUS_ACTION)),
                *[(state.get(kind) or {}).get(feature) for kind, feature in self.features])  # type: ignore[call-overload]


def _known(policy: RulePolicy) -> _Known:
    known: _Known | None = policy.__dict__.get("_known")
    if known is None:
        known = policy.__dict__["_known"] = _Known(policy.lookup)
    return known


def _possible_keys(self: RulePolicy, lookup: Dict[Text, Text], states: List[State]) -> Set[Text]:
    """Return the rules that fit the end of a conversation, like `RulePolicy._get_possible_keys`."""
    known = _known(self)
    possible: FrozenSet[Text] = frozenset(lookup)
    for back, state in enumerate(reversed(states[-known.longest:])):
        name = (id(lookup), back, known.seen(state))
        fitting = known.fitting.get(name)
        if fitting is None:
            if len(known.fitting) >= MOST_KEPT:
                known.fitting.clear()
            fitting = known.fitting[name] = frozenset(
                rule for rule in lookup if self._is_rule_applicable(rule, back, state))
        possible &= fitting
    return set(possible)


def _prediction_states(self: RulePolicy, tracker: DialogueStateTracker, domain: Domain,
                       use_text_for_last_user_input: bool = False, **kwargs: Any) -> List[State]:
    """Return the states of as many last turns as the longest rule has, like `Policy._prediction_states`."""
    states = [{kind: dict(values) for kind, values in state.items()}  # type: ignore[call-overload]
              for state in _last_states(tracker, domain, _known(self).longest)]
    self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
    return states


def _last_states(tracker: DialogueStateTracker, domain: Domain, count: int) -> List[State]:
    """Return the states before the last actions and the present one; computed once between two events."""
    stamp = (count, len(tracker.events), id(tracker.events[-1]) if tracker.events else 0)
    kept = tracker.__dict__.get("_last_states")
    if kept is None or kept[0] != stamp:
        kept = tracker.__dict__["_last_states"] = (stamp, _states(tracker, domain, count))
    states: List[State] = kept[1]
    return states


def _states(tracker: DialogueStateTracker, domain: Domain, count: int) -> List[State]:
    events, earlier = tracker.applied_events(), tracker.init_copy()
    skipped = sum(isinstance(event, ActionExecuted) for event in events) + 1 - count
    states: List[State] = []
    for event in events:
        if isinstance(event, ActionExecuted):
            if skipped <= 0:
                states.append(domain.get_active_state(earlier))
            skipped -= 1
        earlier.update(event)
    return [*states, domain.get_active_state(earlier)]
