"""Does a message answer what the booking has just asked?

Understanding does not know what was asked: a bare "Sam" or "anytime" looks like small talk, and
"after 5" like nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.scheduling.choosing import choose, names_place, number_in, number_said, says_yes, wants_others
from bot.scheduling.names import corrects_name, read_lone_name
from bot.scheduling.opening import (
    asks_for_others_visit,
    asks_for_person,
    asks_for_person_now,
    changes_mind,
    is_about_else,
)
from bot.scheduling.reading import gives_contact, named_service, read_facts
from bot.scheduling.vocabulary import plain
from bot.scheduling.wishes import read_wish

# What ends or leaves the booking, when understanding is sure of it.
LEAVES = frozenset({"stop_conversation", "cancel_booking", "talk_to_person", "start_over", "goodbye", "crisis",
                    "bot_challenge", "ask_privacy", "erase_data", "join_waitlist"})
SURE = 0.6
NO_SERVICES: Mapping[str, Iterable[str]] = {}
_ASKS = re.compile(r"\?|^(?:what|how|why|who|when|where|which|can|could|do|does|did|is|are|will|would|should)\b", re.I)
_WHATS_FREE = re.compile(r"\b(?:you|u) (?:have|got)|\b(?:free|open(?:ings?)?|soonest|earliest|first|next|asap|whenever|when can|tienen?|libre|hay|antes)\b",
                         re.I)
_STOPS = re.compile(
    r"\b(?:never ?mind|nvm|forget (?:it|about it)|cancel|stop|quit|changed my mind|don'?t want|not (?:now|interested)|"
    r"olvidelo|olvidalo|dejelo|dejalo|cancelar?|ya no)\b",
    re.I,
)


def answers(asked: str | None, text: str, intent: str | None, confidence: float, now: datetime, country: str = "US",
            offered: Sequence[datetime] = (), services: Mapping[str, Iterable[str]] = NO_SERVICES) -> bool:
    """Return whether a text answers the question for a slot, given what understanding took it for.

    `now` is in the clinic's zone, `offered` are the starts that were shown.
    """
    if intent == "crisis" or asks_for_person_now(text):
        return False
    leaves = intent in LEAVES and confidence >= SURE and (intent != "talk_to_person" or asks_for_person(text))
    facts = read_facts(text, country, asked)
    if facts.contact or facts.minor or (asked == "contact" and gives_contact(text)):
        return True
    if facts.first_name and facts.first_name == read_lone_name(facts.rest):
        return True  # a name and nothing else, whatever was asked
    if facts.first_name and facts.first_name in text and _is_introduced(text) and not _ASKS.search(text) and (
            not leaves or (intent == "bot_challenge" and len(text.split()) <= 3)):
        return True  # "it's Angus", whatever was asked
    if asked in ("first_name", "contact") and not _ASKS.search(text) and corrects_name(facts.rest):
        return True  # "autocorrect did that, it's Kathryn"
    zone = now.tzinfo if isinstance(now.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    if asked in ("first_name", "contact") and changes_mind(text) and choose(facts.rest, offered, zone, now):
        return True  # "hang on, I'd rather have the first"
    if asked == "first_name" and facts.first_name and not _STOPS.search(text):
        return not (leaves and not _is_introduced(text)) and not _ASKS.search(text)
    if leaves and _STOPS.search(text):
        return False
    if asked == "chosen_slot" and (
            number_said(text, now) is not None or choose(text, offered, zone, now) or wants_others(text)
            or says_yes(text) or (names_place(text) and not _ASKS.search(text))):
        return not (leaves and intent in ("talk_to_person", "stop_conversation"))
    if is_about_else(text) or asks_for_others_visit(text):
        return False
    wish = read_wish(facts.rest, now, country not in ("US", "INT"))
    if wish is not None and (wish.any_of or wish.none_of):
        return not (_asks_about_treatment(text, intent))
    if wish is not None and _asks(text, intent) and not _WHATS_FREE.search(plain(text)):
        wish = None  # "does insurance cover any of this?" names no time
    if asked in ("preferred_time", "service") and named_service(text, services) and not _ASKS.search(text):
        return not leaves
    if asked == "chosen_slot" and wish is not None:
        return not leaves  # "any time"
    if asked == "preferred_time":
        return not leaves and (number_in(text, 3) is not None or wish is not None or (
            not _ASKS.search(text) and intent != "question" and len(text.split()) <= 6))
    return False


def _asks(text: str, intent: str | None) -> bool:
    return _ASKS.search(text) is not None or (intent == "question" and len(text.split()) > 4)


def _is_introduced(text: str) -> bool:
    return len(text.split()) <= 2 or re.search(r"\b(?:name|i'?m|call me|llamo|soy)\b", text, re.I) is not None


def _asks_about_treatment(text: str, intent: str | None) -> bool:
    """Return whether a text with a time in it is no answer but a question: "how do you feel the day after?"."""
    return (
        intent == "question"
        and "?" in text
        and re.match(
            r"\W*(?:how|what|why|will|is|does|do (?:i|people|they)|are)\b(?! about)(?!.*\b(?:free|available|open|slots?|times?)\b)",
            text,
            re.I,
        )
        is not None
    )
