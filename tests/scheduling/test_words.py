"""Days and times as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.scheduling.choosing import choose, in_words
from bot.scheduling.wish import Wish
from bot.scheduling.wishes import read_wish

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 5, 29, 12, tzinfo=ZONE)
MONDAY_9 = datetime(2026, 6, 1, 13, tzinfo=UTC)


def fitting(text: str) -> set[tuple[str, int]]:
    """Return (day, hour) of all whole hours of a week that fit a wish."""
    wish = read_wish(text, NOW)
    assert wish is not None
    hours = (MONDAY_9 + timedelta(hours=n) for n in range(-9, 159))
    return {(f"{start.astimezone(ZONE):%a}", start.astimezone(ZONE).hour) for start in hours if wish.fits(start, ZONE)}


@pytest.mark.parametrize("text, yes, no", [
    ("tuesday afternoon", ("Tue", 14), ("Tue", 9)), ("tues or thurs", ("Thu", 9), ("Wed", 9)),
    ("not friday", ("Thu", 9), ("Fri", 9)), ("anything after 5", ("Mon", 17), ("Mon", 16)),
    ("before 11am please", ("Mon", 9), ("Mon", 12)), ("any morning", ("Wed", 10), ("Wed", 14)),
    ("weekdays at 3pm", ("Wed", 15), ("Sat", 15)), ("el martes por la tarde", ("Tue", 13), ("Wed", 13)),
    ("i can't do mondays", ("Tue", 9), ("Mon", 9)), ("whenever", ("Sun", 3), ("", 0))])
def test_wishes(text: str, yes: tuple[str, int], no: tuple[str, int]) -> None:
    found = fitting(text)
    assert yes in found and no not in found


@given(st.text())
def test_any_text_is_some_wish(text: str) -> None:
    assert isinstance(read_wish(text, NOW), Wish | None)


OFFERED = [MONDAY_9, MONDAY_9 + timedelta(days=1, hours=5), MONDAY_9 + timedelta(days=3)]


@pytest.mark.parametrize("text, index", [
    ("2", 1), ("#3", 2), ("the first one", 0), ("the later one", 2), ("last", 2), ("the tuesday one", 1),
    ("monday works", 0), ("2pm", 1), ("number 1 please", 0), ("la segunda", 1), ("1st", 0), ("the afternoon one", 1), ("9 if you can, else 2", 0)])
def test_choosing(text: str, index: int) -> None:
    assert choose(text, OFFERED, ZONE, NOW) == OFFERED[index]


@pytest.mark.parametrize("text", ["7", "0", "hmm", "friday", "9am", "", "tuesday", "after 1", "the afternoon would be better"])
def test_what_picks_nothing_picks_nothing(text: str) -> None:
    assert choose(text, OFFERED, ZONE, NOW) is None


def test_a_time_is_written_out_with_its_zone() -> None:
    assert in_words(MONDAY_9, ZONE) == "Monday, June 1, 9:00 am (EDT)"
    assert in_words(datetime(2026, 12, 1, 17, 30, tzinfo=UTC), ZONE) == "Tuesday, December 1, 12:30 pm (EST)"
