"""Two look-ups that Rasa 3.6 does anew for every event and every action, done once.

Both leave results as they are; `tests/dialogue/test_speed.py` holds that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def apply() -> None:
    """Cache the event-class look-up and compile the action server's answer schema once."""
    _cache_event_classes()
    _compile_action_schema()


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
