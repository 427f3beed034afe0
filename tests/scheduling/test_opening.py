"""A message that asks for a visit is heard whatever else it says: the examples of `data/booking/opening.yml`."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.scheduling.opening import asks_for_change, asks_for_visit, opening_words

NOW = datetime(2026, 11, 25, 10, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize("text", opening_words()["examples"]["asks"])
def test_this_asks_for_a_visit(text: str) -> None:
    assert asks_for_visit(text, NOW)


@pytest.mark.parametrize("text", opening_words()["examples"]["not"])
def test_this_does_not(text: str) -> None:
    assert not asks_for_visit(text, NOW)


@pytest.mark.parametrize("text", ["can you make it an hour later?", "pls switch me to a morning", "could you push it back a week",
                                  "me la pueden pasar al jueves? quiero moverla"])
def test_this_moves_a_visit(text: str) -> None:
    assert asks_for_change(text)


@pytest.mark.parametrize("text", ["make it stop", "can you make me an appointment", "do it hurt later"])
def test_this_moves_none(text: str) -> None:
    assert not asks_for_change(text)
