"""Does a message ask for a visit, whatever else it says?

A long first message ("my therapist said … do you have anything Thursday?") is mostly not about
booking, and what is understood of the whole of it easily is something else.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.scheduling.vocabulary import plain
from bot.scheduling.wishes import read_wish

WORDS = Path(__file__).resolve().parents[2] / "data" / "booking" / "opening.yml"


def asks_for_visit(text: str, now: datetime) -> bool:
    """Return whether a text asks for a visit to be booked; `now` is in the clinic's zone."""
    low = plain(text)
    if speaks_of_booked(text) or re.search(str(opening_words()["refuses"]), low):
        return False
    if _found("asks", low):
        return True
    if _found("never", low) or not _found("asks_with_a_time", low):
        return False
    return names_time(text, now)


def speaks_of_booked(text: str) -> bool:
    """Return whether a text is about a visit that is booked already."""
    return re.search(str(opening_words()["of_a_visit"]), plain(text)) is not None


def asks_for_change(text: str) -> bool:
    """Return whether a text asks for another time of a visit without naming it: "make it an hour later"."""
    return _found("changes", plain(text))


def wants_soonest(text: str) -> bool:
    """Return whether an opening message asks for the soonest time there is, not just for a visit."""
    return re.search(str(opening_words()["soonest"]), plain(text)) is not None


def changes_mind(text: str) -> bool:
    """Return whether a text takes back what was chosen before: "actually", "wait", "mejor"."""
    return re.search(str(opening_words()["changes_mind"]), plain(text)) is not None


def picked_wrongly(text: str) -> bool:
    """Return whether a text says that another time of the list was meant than the one that was booked."""
    return re.search(str(opening_words()["slipped"]), plain(text)) is not None


def asks_for_person(text: str) -> bool:
    """Return whether a text names somebody to talk to, or a call."""
    return re.search(str(opening_words()["person"]), plain(text)) is not None


def asks_for_person_now(text: str) -> bool:
    """Return whether a text asks for a person or a call in so many words, whatever else it says."""
    low = plain(text)
    return _found("person_now", low) and not re.search(str(opening_words()["not_a_robot"]), low)


def says_book(text: str) -> bool:
    """Return whether a text names what is wished for as a visit to book, and nobody to help with that."""
    low = plain(text)
    return re.search(str(opening_words()["books"]), low) is not None and re.search(str(opening_words()["helps"]), low) is None


def joins_list(text: str) -> bool:
    """Return whether a text asks to be put on the waiting list."""
    return re.search(str(opening_words()["joins_list"]), plain(text)) is not None


def asks_when_it_is(text: str) -> bool:
    """Return whether a text asks, in a chat with a visit, when that is: "remind me what day"."""
    return _found("when_is_it", plain(text))


def gives_up_visit(text: str, now: datetime) -> bool:
    """Return whether a text gives up a visit just booked and wishes for no other time: "I can't come anymore"."""
    low = plain(text)
    if not (says_cancel(text) or _found("wont_come", low)) or only_asks(text):
        return False
    wish = read_wish(text, now)
    words = str(opening_words()["rather" if says_cancel(text) else "instead"])
    other = wish is not None and bool(wish.any_of) and re.search(words, low) is not None
    return not other and not asks_for_change(text)


def names_time(text: str, now: datetime) -> bool:
    """Return whether a text names a day or an hour."""
    wish = read_wish(text, now)
    return wish is not None and bool(wish.any_of or wish.none_of)


def only_asks(text: str) -> bool:
    """Return whether a text asks about cancelling and gives nothing up: "what if I need to cancel?"."""
    return re.search(str(opening_words()["only_asks"]), plain(text)) is not None


def wishes_otherwise(text: str, now: datetime) -> bool:
    """Return whether a text wishes for another time of a visit just booked: "could I do friday instead"."""
    if asks_for_change(text):
        return True
    if re.search(r"\b(?:also|another|too|as well|second one|otra cita|tambien)\b", plain(text)) or (
            re.search(str(opening_words()["of_treatment"]), plain(text))):
        return False  # a visit more, or a question
    return (names_time(text, now)
            and re.search(str(opening_words()["instead"]), plain(text)) is not None)


def asks_for_others_visit(text: str) -> bool:
    """Return whether a text asks about a visit of somebody else, of whom nothing may be said."""
    return _found("of_others", plain(text))


def is_about_else(text: str) -> bool:
    """Return whether a text is about something that has nothing to do with the booking, whatever day it names."""
    return re.search(str(opening_words()["elsewhere"]), plain(text)) is not None


def asks_for_own_visit(text: str) -> bool:
    """Return whether a text asks to look up a visit that its writer has booked."""
    return _found("looks_up", plain(text))


def is_for_grown_up(text: str) -> bool:
    """Return whether a text says that the visit is for somebody of age, after a child was spoken of."""
    return _found("grown_up", plain(text))


def leaves_list(text: str) -> bool:
    """Return whether a text asks to be taken off the waiting list."""
    return re.search(str(opening_words()["leaves_list"]), plain(text)) is not None


def says_cancel(text: str, of_the_visit: bool = False) -> bool:
    """Return whether a text says to cancel something, or with `of_the_visit` expressly a visit."""
    low = plain(text)
    cancels = re.search(str(opening_words()["cancels"]), low) is not None
    return cancels and (not of_the_visit or re.search(str(opening_words()["names_visit"]), low) is not None)


def _found(kind: str, low: str) -> bool:
    return any(pattern.search(low) for pattern in _patterns()[kind])


@lru_cache(maxsize=1)
def opening_words() -> dict[str, Any]:
    """Return `data/booking/opening.yml`."""
    data: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _patterns() -> dict[str, list[re.Pattern[str]]]:
    return {kind: [re.compile(pattern) for pattern in opening_words()[kind]]
            for kind in ("asks", "asks_with_a_time", "never", "changes", "of_others", "looks_up", "grown_up",
                         "wont_come", "when_is_it", "person_now")}
