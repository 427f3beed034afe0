"""Which of the offered times does the patient mean?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.scheduling.wishes import Wish, read_wish

ORDINALS = {"first": 0, "1st": 0, "one": 0, "primera": 0, "second": 1, "2nd": 1, "two": 1, "segunda": 1,
            "middle": 1, "third": 2, "3rd": 2, "three": 2, "tercera": 2, "last": -1, "later": -1, "latest": -1,
            "ultima": -1, "última": -1, "earliest": 0, "earlier": 0, "soonest": 0}


def choose(text: str, offered: Sequence[datetime], zone: ZoneInfo) -> datetime | None:
    """Return the offered start that a text picks: a number, "the later one", a day or an hour; or None."""
    low = text.strip().lower()
    if match := re.fullmatch(r"(?:#|no\.?|number|option|opci[oó]n)?\s*(\d)[.)]?(?:\s*(?:please|pls|por favor))?", low):
        index = int(match[1]) - 1
        return offered[index] if 0 <= index < len(offered) else None
    wish = read_wish(low)
    if wish != Wish():
        fitting = [start for start in offered if wish.fits(start, zone)]
        return fitting[0] if len(fitting) == 1 else None
    for word in re.findall(r"\w+", low):
        if word in ORDINALS and -len(offered) <= ORDINALS[word] < len(offered):
            return offered[ORDINALS[word]]
    return None


def in_words(start: datetime, zone: ZoneInfo) -> str:
    """Return a start as "Tuesday, December 1, 2:30 pm (EST)", in the given zone."""
    local = start.astimezone(zone)
    clock = f"{local.hour % 12 or 12}:{local.minute:02d} {'am' if local.hour < 12 else 'pm'}"
    return f"{local:%A}, {local:%B} {local.day}, {clock} ({local.tzname()})"
