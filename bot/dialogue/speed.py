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
    uncached = Event.resolve_by_type.__func__  # type: ignore[attr-defined]

    @lru_cache(maxsize=256)
    def resolve(type_name: str, default: Any) -> Any:
        return uncached(Event, type_name, default)

    Event.resolve_by_type = staticmethod(  # type: ignore[method-assign]
        lambda type_name, default=None: resolve(type_name, default))


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
