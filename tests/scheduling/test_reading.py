"""Names, ages and distances in what people write."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.scheduling.choosing import choose
from bot.scheduling.opening import leaves_list, says_cancel
from bot.scheduling.reading import read_facts, read_minor
from bot.scheduling.shifts import at_same_time, read_shift, same_day, shifted
from bot.scheduling.wishes import read_wish

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 30, 10, tzinfo=ZONE)  # a Monday
OFFERED = [NOW + timedelta(days=1, hours=1), NOW + timedelta(days=2, minutes=30), NOW + timedelta(days=2, hours=1)]


@pytest.mark.parametrize("name", ["Imani", "Esther", "Justin", "Itsuki", "Putri", "Underwood", "Soyla", "Halima", "Willow"])
def test_a_name_that_begins_like_an_introduction_stays_whole(name: str) -> None:
    assert read_facts(name, "US", "first_name").first_name == name


@pytest.mark.parametrize("text", ["yup", "Confirm", "y", "pls", "yes confirm", "correct", "cool thanks", "perfecto", "2"])
def test_what_agrees_is_no_name(text: str) -> None:
    assert read_facts(text, "US", "first_name").first_name is None


@pytest.mark.parametrize("text, name", [
    ("you can reach me at kofi.mensah@example.com, Kofi", "Kofi"), ("Gabriela, gabi@example.com", "Gabriela"),
    ("tuesday morning, 206 555 0119", None), ("text me at 415.555.0142", None)])
def test_a_name_beside_a_contact(text: str, name: str | None) -> None:
    assert read_facts(text, "US", "chosen_slot").first_name == name


@pytest.mark.parametrize("text, contact", [
    ("071 555 0160? no, a US mobile: +1 646 555 0160", "+16465550160"), ("206 555 01", None), ("1165550123", None)])
def test_a_number_that_cannot_be_one_is_none(text: str, contact: str | None) -> None:
    assert read_facts(text, "US", "contact").contact == contact


@pytest.mark.parametrize("text, who", [
    ("im 15 my mom doesnt know", "self"), ("i am 16 and sad", "self"), ("im 13 can i come", "self"),
    ("ill be 18 in may", "self"), ("I'm a 16 year old", "self"), ("can a 16 yr old come in alone", "child"),
    ("i'm 15 minutes away", None), ("im 12 weeks pregnant", None), ("i'm 8 out of 10 today", None),
    ("im 4 tuesday", None), ("i'm 10 to 4 most days", None), ("i'm 9 months sober", None),
    ("for my dad, he's 16 years sober", None), ("i am 62 years old", None)])
def test_who_is_under_age(text: str, who: str | None) -> None:
    assert read_minor(text) == who


@pytest.mark.parametrize("text, minutes", [
    ("can you make it an hour later?", 60), ("half an hour earlier", -30), ("push it back a week", 7 * 24 * 60),
    ("una hora más tarde", 60), ("30 min later", 30), ("move it up an hour", -60), ("an hour after 3", None)])
def test_a_distance(text: str, minutes: int | None) -> None:
    assert read_shift(text) == (timedelta(minutes=minutes) if minutes is not None else None)


def test_a_week_later_is_the_same_clock_time_over_a_clock_change() -> None:
    before = datetime(2026, 10, 28, 14, tzinfo=ZONE)  # summer time ends on November 1
    wish = shifted(before, timedelta(weeks=1), ZONE)
    assert wish.fits(datetime(2026, 11, 4, 14, tzinfo=ZONE), ZONE)


def test_the_same_time_on_another_day() -> None:
    wish = read_wish("same time on friday", NOW)
    assert wish is not None
    assert at_same_time("same time on friday", wish, OFFERED[0], ZONE).fits(datetime(2026, 12, 4, 11, tzinfo=ZONE), ZONE)


@pytest.mark.parametrize("text, index", [
    ("the wednesday", None), ("wait no the first", 0), ("might you have anything on tuesday?", None),
    ("tues or weds around 11", None), ("wednesday at 11:30", None), ("la más temprana", 0), ("not the first", None)])
def test_only_what_is_named_is_chosen(text: str, index: int | None) -> None:
    assert choose(text, OFFERED, ZONE, NOW) == (OFFERED[index] if index is not None else None)


def test_an_hour_named_before_tells_two_times_of_a_day_apart() -> None:
    assert choose("the wednesday", OFFERED, ZONE, NOW, OFFERED[2].time()) == OFFERED[2]


@pytest.mark.parametrize("text, off", [("take me off the waiting list", True), ("i want to leave the waitlist", True),
                                       ("quíteme de la lista de espera", True), ("put me on the waiting list", False)])
def test_leaving_the_waiting_list(text: str, off: bool) -> None:
    assert leaves_list(text) is off


def test_what_is_cancelled() -> None:
    assert says_cancel("nvm cancel that") and not says_cancel("nvm cancel that", of_the_visit=True)
    assert says_cancel("cancel my visit", of_the_visit=True)


def test_another_hour_of_the_same_day() -> None:
    wish = same_day("could we make it earlier in the day?", OFFERED[2], ZONE)
    assert wish is not None and wish.fits(OFFERED[1], ZONE) and not wish.fits(OFFERED[2], ZONE) and not wish.fits(OFFERED[0], ZONE)
    assert same_day("could we make it earlier?", OFFERED[2], ZONE) is None
