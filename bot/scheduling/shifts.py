"""Another time said by its distance from a known one: "an hour later", "back a week", "same time on Friday"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.scheduling.days import Days
from bot.scheduling.hours import Hours
from bot.scheduling.vocabulary import in_digits, plain
from bot.scheduling.wish import Clause, Wish

_COUNT = r"(?P<count>half an?|a half|an?|a couple(?: of)?|una?|media|\d{1,2})"
_UNIT = r"(?P<unit>min(?:ute|uto)?s?|h(?:ou)?rs?|horas?|days?|dias?|weeks?|semanas?)"
_WAY = r"(?P<way>later|after(?=\W*$)|earlier|sooner|before(?=\W*$)|back|mas tarde|despues(?=\W*$)|antes|mas temprano)"
_SHIFTS = (
    re.compile(rf"\b{_COUNT} {_UNIT} {_WAY}\b"),
    re.compile(rf"\b(?P<way>back|push|later|earlier|up|adelant\w*|atras\w*|retras\w*)(?: (?:it|by|la|lo|cita|mi))* "
               rf"{_COUNT} {_UNIT}\b"),
)
_EARLIER = ("earl", "soon", "before", "antes", "mas temprano", "up", "adelant")
_IN_THE_DAY = re.compile(r"\b(?P<way>earlier|sooner|later|mas temprano|mas tarde)\b (?:in|on|that|the same|ese|el mismo|en el)? ?(?:the |that )?(?:same )?(?:day|dia)\b")
_SAME_TIME = re.compile(r"\bsame (?:time|hour)\b|\bmisma hora\b")


def read_shift(text: str) -> timedelta | None:
    """Return how much later (or, below zero, earlier) a text asks for, or None."""
    low = in_digits(re.sub(r"\bone (?=min|h(?:ou)?r|day|week)", "1 ", plain(text)))
    match = next((found for pattern in _SHIFTS if (found := pattern.search(low))), None)
    if match is None:
        return None
    count, unit = match["count"], match["unit"]
    half = re.match(r"(?:a )?half|media", count) is not None
    number = int(count) if count.isdigit() else 0.5 if half else 2 if "couple" in count else 1
    minutes = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60, "s": 7 * 24 * 60}[unit[0]]
    shift = timedelta(minutes=number * minutes)
    return -shift if match["way"].startswith(_EARLIER) else shift


def shifted(start: datetime, shift: timedelta, zone: ZoneInfo) -> Wish:
    """Return the wish for the time so much later than a start, by the clinic's clock."""
    local = (start.astimezone(zone).replace(tzinfo=None) + shift)
    return Wish((Clause(Days(local.date(), local.date()), Hours(local.time(), local.time(), local.time())),))


def same_day(text: str, start: datetime, zone: ZoneInfo) -> Wish | None:
    """Return the wish for the hours before or after a known start on its own day: "earlier in the day"."""
    match = _IN_THE_DAY.search(plain(text))
    if match is None:
        return None
    local = start.astimezone(zone)
    minute = timedelta(minutes=1)
    hours = (Hours(latest=(local - minute).time()) if match["way"].startswith(_EARLIER) or "temprano" in match["way"]
             else Hours(earliest=(local + minute).time()))
    return Wish((Clause(Days(local.date(), local.date()), hours),))


def at_same_time(text: str, wish: Wish, start: datetime, zone: ZoneInfo) -> Wish:
    """Return a wish with the clock time of a known start, where "same time" is said and no hour."""
    if not _SAME_TIME.search(plain(text)) or any(clause.hours != Hours() for clause in wish.any_of):
        return wish
    clock = start.astimezone(zone).time()
    return replace(wish, any_of=tuple(Clause(clause.days, Hours(clock, clock, clock)) for clause in wish.any_of))
