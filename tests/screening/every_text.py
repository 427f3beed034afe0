"""Every fixed text that a patient can get: in every language, country, channel, hour and wording."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

import pytest

from bot.screening.replies import Replies, ReplyContext, load_replies
from bot.screening.resources import load_resources

DATA = Path(__file__).parents[2] / "data" / "screening"
COUNTRIES = ["US", "CA", "GB", "IE", "AU", "NZ", "INT"]
LANGUAGES = ["en", "es"]
OPENS = {"en": "Wednesday, November 25 at 10:00 am", "es": "el miércoles 25 de noviembre a las 10:00"}
NOTICES = {"notice", "notice_again"}
everywhere = pytest.mark.parametrize(("country", "language"), list(product(COUNTRIES, LANGUAGES)))


@dataclass(frozen=True)
class Said:
    """One finished text and how it came about."""

    country: str
    language: str
    key: str
    channel: str
    turn: int
    hour: str
    text: str


@lru_cache
def replies_of(country: str) -> Replies:
    """Return the replies with a country's crisis lines."""
    return load_replies(DATA / "replies", load_resources(DATA / "resources", country))


def context_of(country: str, language: str, hour: str) -> ReplyContext:
    """Return a conversation's surroundings: `hour` is open, closed or on_call."""
    on_call = "555-010-0123" if hour == "on_call" else None
    return ReplyContext("Harbor Clinic", "555-010-0199", on_call, country, hour == "open", OPENS[language])


@lru_cache
def all_texts(country: str, language: str) -> tuple[Said, ...]:
    """Return every text of a country and language."""
    replies, found = replies_of(country), []
    for key, entry in replies.books[language].entries.items():
        for channel, hour in product(("web", "sms"), ("open", "on_call", "closed")):
            for turn in range(len(entry.wordings[channel])):
                reply = replies.move(
                    key,
                    language=language,
                    channel=channel,
                    turn=turn,
                    context=context_of(country, language, hour),
                )
                assert reply.key == key
                found.append(Said(country, language, key, channel, turn, hour, reply.text))
    return tuple(found)
