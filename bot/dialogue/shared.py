"""What the components in the Rasa process share: one embedder, one screen, one set of answers."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.embedding import DIMENSIONS, Vectors, shared_embedder
from bot.knowledge import Knowledge, load_knowledge
from bot.screening.replies import Replies, load_replies
from bot.screening.resources import load_resources
from bot.settings import ROOT, get_settings

if TYPE_CHECKING:
    from bot.screening import Screen

DATA = ROOT / "data"


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """Return the reviewed answers, with this clinic's facts."""
    settings = get_settings()
    return load_knowledge(DATA, settings.env.models / "knowledge", shared_embedder(),
                          {**help_phrases(), **settings.clinic.known_facts()})


@lru_cache(maxsize=2)
def help_phrases(language: str = "en") -> dict[str, str]:
    """Return how sentences name the emergency and crisis lines of this clinic's country."""
    found = load_resources(DATA / "screening" / "resources", get_settings().clinic.country)
    return dict(found.phrases[language])


@lru_cache(maxsize=1)
def screen() -> Screen:
    """Return the screen, for `rasa shell` and whatever else comes without the gateway.

    Not read before it is asked for: in the service every message has its verdict with it.
    """
    from bot.screening import load_screen

    return load_screen(DATA / "screening", get_settings().env.models / "screening", shared_embedder())


@lru_cache(maxsize=1)
def replies() -> Replies:
    """Return the fixed replies for this clinic's country."""
    country = get_settings().clinic.country
    return load_replies(DATA / "screening" / "replies", load_resources(DATA / "screening" / "resources", country))


def warm_up() -> None:
    """Read everything before the first patient waits for it."""
    knowledge().answer("what is ketamine")
    replies()


def vector_of(packed: Any) -> Vectors | None:
    """Return the embedding that the gateway sent along, or None."""
    if not isinstance(packed, str):
        return None
    vector = np.frombuffer(base64.b64decode(packed), dtype="<f4")
    return vector if vector.shape == (DIMENSIONS,) else None
