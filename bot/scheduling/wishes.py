"""Days and times as people say them: "tuesday afternoon", "not friday", "anything after 5"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

DAYS = {"mon": 0, "lun": 0, "tue": 1, "mar": 1, "wed": 2, "mie": 2, "mié": 2, "thu": 3, "jue": 3, "fri": 4,
        "vie": 4, "sat": 5, "sab": 5, "sáb": 5, "sun": 6, "dom": 6}
PARTS = {"morning": (0, 12), "mornings": (0, 12), "mañana": (0, 12), "noon": (11, 14), "lunch": (11, 14),
         "afternoon": (12, 17), "afternoons": (12, 17), "tarde": (12, 19), "evening": (16, 24),
         "evenings": (16, 24), "night": (17, 24), "after work": (16, 24)}
_DAY = re.compile(r"\b(mon(?:day)?s?|tue(?:s(?:day)?s?)?|wed(?:nesday)?s?|thu(?:rs?(?:day)?s?)?|fri(?:day)?s?|"
                  r"sat(?:urday)?s?|sun(?:day)?s?|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo)\b")
_NOT = re.compile(
    r"\b(?:not|no|except|but not|never|can'?t(?: do)?|cannot(?: do)?|excepto|menos)\s+(?:on\s+|el\s+|los\s+)?$")
_CLOCK = r"(\d{1,2})(?::(\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?"
_AFTER = re.compile(r"\b(?:after|from|later than|past|despu[eé]s de(?: las)?)\s+" + _CLOCK)
_BEFORE = re.compile(r"\b(?:before|until|by|earlier than|antes de(?: las)?)\s+" + _CLOCK)
_AT = re.compile(r"\b(?:at|around|about|a las)\s+" + _CLOCK + r"|\b(\d{1,2})(?::(\d{2}))?\s*(am|pm)\b")


@dataclass(frozen=True)
class Wish:
    """Days of the week that suit (all when empty), days that do not, and the hours between."""

    days: frozenset[int] = frozenset()
    not_days: frozenset[int] = frozenset()
    earliest: time = time(0)
    latest: time = time(23, 59)

    def fits(self, start: datetime, zone: ZoneInfo) -> bool:
        """Return whether a start (any zone) suits, read in the clinic's zone."""
        local = start.astimezone(zone)
        day = local.weekday()
        return ((not self.days or day in self.days) and day not in self.not_days
                and self.earliest <= local.time() <= self.latest)


def read_wish(text: str) -> Wish:
    """Return the wish in a text; what says nothing about time wishes for nothing, and so any slot fits."""
    low = text.lower()
    days: set[int] = set()
    not_days: set[int] = set()
    for match in _DAY.finditer(low):
        number = DAYS[match[1][:3]]
        (not_days if _NOT.search(low[:match.start()]) else days).add(number)
    if re.search(r"\bweekdays?\b", low):
        days |= {0, 1, 2, 3, 4}
    if re.search(r"\bweekends?\b", low):
        days |= {5, 6}
    earliest, latest = _hours(low)
    return Wish(frozenset(days), frozenset(not_days), earliest, latest)


def _hours(low: str) -> tuple[time, time]:
    for name, (start, end) in PARTS.items():
        if re.search(rf"\b{name}\b", low):
            return time(start), time(end - 1, 59)
    earliest, latest = time(0), time(23, 59)
    if match := _AFTER.search(low):
        earliest = _clock(match[1], match[2], match[3])
    if match := _BEFORE.search(low):
        latest = _clock(match[1], match[2], match[3])
    if earliest == time(0) and latest == time(23, 59) and (match := _AT.search(low)):
        hour, minute, half = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
        at = _clock(hour, minute, half)
        return at, time(min(at.hour + 1, 23), 59)
    return earliest, latest


def _clock(hour: str, minute: str | None, half: str | None) -> time:
    """Return a clock time; without am or pm, 1 to 7 are taken for the afternoon."""
    number = int(hour) % 24
    if half and half.startswith("p") and number < 12:
        number += 12
    elif half and half.startswith("a") and number == 12:
        number = 0
    elif not half and 1 <= number <= 7:
        number += 12
    return time(number, min(int(minute or 0), 59))
