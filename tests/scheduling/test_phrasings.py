"""Hundreds of phrasings, English and Spanish, against the days and hours that they mean: `phrasings.yml`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.scheduling.wishes import read_wish

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 25, 10, tzinfo=ZONE)  # a Wednesday
DAYS = "mon tue wed thu fri sat sun".split()
PHRASINGS = yaml.safe_load((Path(__file__).parent / "phrasings.yml").read_text(encoding="utf-8"))
CASES = [(text, wanted) for group in PHRASINGS.values() for text, wanted in group.items()]
# Every half hour of five weeks, by day and night.
GRID = [datetime.combine(NOW.date() + timedelta(days=day), time(hour, minute), ZONE)
        for day in range(36) for hour in range(24) for minute in (0, 30)]


def meant(wanted: str) -> set[datetime]:
    """Return the starts that an expectation means: `tue,thu 15:00-23:59 | 12-03..12-05`, with `!` for not."""
    yes: set[datetime] = set()
    no: set[datetime] = set()
    positive = False
    for part in wanted.split("|"):
        words = part.split()
        refuses = words[0] == "!"
        words = words[1:] if refuses else words
        found = {start for start in GRID if all(_fits(word, start) for word in words)}
        if refuses:
            no |= found
        else:
            yes, positive = yes | found, True
    return (yes if positive else set(GRID)) - no


def _fits(word: str, start: datetime) -> bool:
    if word == "any":
        return True
    if match := re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", word):
        return time.fromisoformat(match[1]) <= start.time() <= time.fromisoformat(match[2])
    if re.fullmatch(r"\d\d:\d\d", word):
        return start.time() == time.fromisoformat(word)
    if match := re.fullmatch(r"(\d\d-\d\d)?\.\.(\d\d-\d\d)?", word):
        return (not match[1] or start.date() >= _day(match[1])) and (not match[2] or start.date() <= _day(match[2]))
    if re.fullmatch(r"\d\d-\d\d", word):
        return start.date() == _day(word)
    if re.fullmatch(r"[a-z]{3}(,[a-z]{3})*", word):
        return DAYS[start.weekday()] in word.split(",")
    raise ValueError(word)


def _day(text: str) -> date:
    month, day = map(int, text.split("-"))
    return date(2026 if month >= 11 else 2027, month, day)


def test_there_are_enough() -> None:
    assert len(CASES) >= 300


@pytest.mark.parametrize("text, wanted", CASES)
def test_each_phrasing_means_what_it_says(text: str, wanted: str) -> None:
    wish = read_wish(text, NOW)
    if wanted == "ask back":
        assert wish is None
        return
    assert wish is not None, "nothing was read"
    found = {start for start in GRID if wish.fits(start.astimezone(UTC), ZONE)}
    assert found == meant(wanted)
