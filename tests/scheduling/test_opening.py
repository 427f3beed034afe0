"""A message that asks for a visit is heard whatever else it says: the examples of `data/booking/opening.yml`."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.scheduling.opening import (
    asks_for_change,
    asks_for_person_now,
    asks_for_visit,
    asks_when_it_is,
    gives_up_visit,
    joins_list,
    only_asks,
    opening_words,
    picked_wrongly,
    wishes_otherwise,
)
from bot.scheduling.wishes import read_wish

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


@pytest.mark.parametrize("text", ["let me talk to the receptionist please", "could somebody phone me", "ring me instead, 555-555-0199",
                                  "una persona de verdad por favor", "me pueden llamar mejor?", "quiero hablar con alguien"])
def test_a_person_is_asked_for_in_so_many_words(text: str) -> None:
    assert asks_for_person_now(text)


@pytest.mark.parametrize("text", ["how many mg will you give me", "use my wife's phone instead", "call me Bea", "can someone see me friday",
                                  "I'd like to come in and talk to someone"])
def test_no_person_is_asked_for(text: str) -> None:
    assert not asks_for_person_now(text)


@pytest.mark.parametrize("text", ["take me off the schedule", "scratch that appointment", "i can't come anymore", "ya no voy a poder ir",
                                  "something came up at work. cancel tuesday please", "borre mi cita"])
def test_a_visit_is_given_up(text: str) -> None:
    assert gives_up_visit(text, NOW)


@pytest.mark.parametrize("text", ["what if I need to cancel?", "is there a fee if i cancel", "delete my number from your system",
                                  "i can't make friday, could we do monday instead?", "whats your cancellation policy"])
def test_no_visit_is_given_up(text: str) -> None:
    assert not gives_up_visit(text, NOW)


def test_a_question_about_cancelling_only_asks() -> None:
    assert only_asks("what if I need to cancel?") and not only_asks("cancel it please")


@pytest.mark.parametrize("text", ["push it to the monday after", "same day but in the afternoon, can we?", "¿me la puede pasar al lunes?"])
def test_another_time_is_wished_for(text: str) -> None:
    assert wishes_otherwise(text, NOW)


@pytest.mark.parametrize("text", ["i have surgery next month can i still do ketamine", "could i also book my wife on friday"])
def test_no_other_time_is_wished_for(text: str) -> None:
    assert not wishes_otherwise(text, NOW)


@pytest.mark.parametrize("text, asks", [("when is it again?", True), ("remind me what day", True), ("¿a qué hora quedó?", True),
                                        ("what time is the game", False), ("when is it safe to drive", False)])
def test_when_the_visit_is(text: str, asks: bool) -> None:
    assert asks_when_it_is(text) is asks


def test_a_slip_on_the_list_and_the_waiting_list() -> None:
    assert picked_wrongly("oops meant 3") and not picked_wrongly("can you make it 3?")
    assert joins_list("just add me to the waitlist pls") and not joins_list("take me off the waiting list")


@pytest.mark.parametrize("text, month_and_day", [("the monday after", "11-30"), ("al día siguiente", "11-28"), ("same day after 3", "11-27"),
                                                 ("el lunes siguiente", "11-30")])
def test_a_day_told_by_another(text: str, month_and_day: str) -> None:
    wish = read_wish(text, NOW, about=datetime(2026, 11, 27).date())  # noqa: DTZ001
    assert wish is not None and {f"{clause.days.first:%m-%d}" for clause in wish.any_of} == {month_and_day}
