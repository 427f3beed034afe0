"""Is this person in danger? Any text in, a `Screening` out. Knows neither Django nor Rasa."""

from typing import TYPE_CHECKING, Any

from .verdict import Category, Reason, Screening, Subject, Tier

if TYPE_CHECKING:
    from .screen import Screen, load_screen
    from .training import TrainingReport, is_fresh, train_screen

__all__ = ["Category", "Reason", "Screen", "Screening", "Subject", "Tier", "TrainingReport", "is_fresh",
           "load_screen", "train_screen"]


def __getattr__(name: str) -> Any:
    """Import the reading of messages when it is asked for: whoever only knows verdicts starts without spaCy."""
    if name in ("Screen", "load_screen"):
        from . import screen as module
    elif name in ("TrainingReport", "is_fresh", "train_screen"):
        from . import training as module  # type: ignore[no-redef]
    else:
        raise AttributeError(name)
    return getattr(module, name)
