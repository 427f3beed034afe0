"""What points at a place on the list of times: the examples of `data/booking/choosing.yml`."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.scheduling.choosing import choose, says_yes
from bot.scheduling.listed import number_in, words

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 30, 10, tzinfo=ZONE)
SHOWN = [NOW + timedelta(days=3), NOW + timedelta(days=3, hours=2, minutes=30), NOW + timedelta(days=3, hours=6)]


@pytest.mark.parametrize("text, place", words()["examples"].items())
def test_what_a_message_picks(text: str, place: int | None) -> None:
    assert choose(text, SHOWN, ZONE, NOW) == (SHOWN[place - 1] if place else None)


@pytest.mark.parametrize("text", ["yes please", "sounds good", "perfect thank you so much!", "sí, perfecto", "that one",
                                  "sure, let's do that"])
def test_what_agrees(text: str) -> None:
    assert says_yes(text)


@pytest.mark.parametrize("text", ["yes?", "yes but thursday", "good morning", "thanks", "2"])
def test_what_does_not_agree(text: str) -> None:
    assert not says_yes(text)


@pytest.mark.parametrize("text, index", [("2", 1), ("number two please", 1), ("2 weeks from now", None), ("around 2", None), ("9", None)])
def test_a_number_alone(text: str, index: int | None) -> None:
    assert number_in(text, 3) == index


def test_the_closest_is_the_closest_to_what_was_asked_for() -> None:
    assert choose("the nearest", SHOWN, ZONE, NOW, SHOWN[1].time()) == SHOWN[1]
