"""A number, or words that can only mean one line of the last list."""

from __future__ import annotations

import pytest

from bot.channels.sms.choices import LAST, choice_rules, chosen, number_of
from bot.records import store
from bot.records.models import Conversation, Message

pytestmark = pytest.mark.django_db
DAYS = [{"label": "Tuesday, December 1, 2:30 pm (EST)", "send": '/choose_option{"slot_id": "a"}'},
        {"label": "Wednesday, December 2, 9:00 am (EST)", "send": '/choose_option{"slot_id": "b"}'}]
OFFERS = [{"label": "Book a consultation", "send": "/book_consultation"},
          {"label": "Talk to a person", "send": "/talk_to_person"}]


@pytest.fixture
def chat() -> Conversation:
    return store.open_conversation("sms", phone="+12125550142")


def listed(chat: Conversation, choices: list[dict[str, str]], kind: str = "booking") -> Message:
    return Message.objects.create(conversation=chat, sender="bot", kind=kind, text="Which?", extra={"choices": choices})


@pytest.mark.parametrize("words, place", [
    ("1", 0), ("2", 1), ("2.", 1), ("#2", 1), ("number 2 please", 1), ("option 1", 0), ("opción 2", 1), ("two", 1),
    ("dos", 1), ("tuesday", 0), ("2:30", 0), ("wednesday 9:00", 1), ("3", None), ("0", None), ("december", None),
    ("est", None), ("tuesday or wednesday", None), ("tuesday i want to die", None), ("the", None), ("12", None)])
def test_what_is_chosen(chat: Conversation, words: str, place: int | None) -> None:
    listed(chat, DAYS)
    assert chosen(chat, words) == (None if place is None else DAYS[place])


@pytest.mark.parametrize("words, number", choice_rules()["examples"].items())
def test_how_people_name_a_line(words: str, number: int | None) -> None:
    said = number_of(words)
    said = 3 if said == LAST else said
    assert (said if said in (1, 2, 3) else None) == number


def test_words_around_a_number_count_only_against_a_list_just_shown(chat: Conversation) -> None:
    listed(chat, DAYS)
    assert chosen(chat, "i'll take the second one") == DAYS[1] == chosen(chat, "the last one")
    Message.objects.create(conversation=chat, sender="patient", text="is parking free", dedup="1")
    Message.objects.create(conversation=chat, sender="bot", kind="answer", text="Yes.")
    assert chosen(chat, "i'll take the second one") is None
    assert chosen(chat, "2") == chosen(chat, "2️⃣") == DAYS[1]


def test_the_last_one_of_an_offer_is_its_last_time(chat: Conversation) -> None:
    other = {"label": "Other times", "send": "Other times"}
    listed(chat, [*DAYS, other])
    assert chosen(chat, "the last one") == DAYS[1]
    assert chosen(chat, "3") == other == chosen(chat, "other times")


def test_words_of_a_button(chat: Conversation) -> None:
    listed(chat, OFFERS, "refer")
    assert chosen(chat, "talk to a person") == OFFERS[1] == chosen(chat, "a person")
    assert chosen(chat, "a") is None


def test_a_number_is_read_against_the_last_list_and_words_only_against_one_just_shown(chat: Conversation) -> None:
    listed(chat, DAYS)
    listed(chat, OFFERS, "abstain")
    Message.objects.create(conversation=chat, sender="patient", text="is parking free", dedup="1")
    Message.objects.create(conversation=chat, sender="bot", kind="answer", text="Yes.",
                           extra={"choices": [{"label": "Not shown by text", "send": "x"}]})
    assert chosen(chat, "2") == OFFERS[1]
    assert chosen(chat, "person") is None


def test_words_that_stand_in_a_line_mean_that_line(chat: Conversation) -> None:
    lines = [{"label": label, "send": label} for label in ("Any morning", "Any afternoon", "The first one free")]
    listed(chat, lines)
    assert chosen(chat, "the first one") == lines[2]
    assert chosen(chat, "one") == lines[0]


def test_without_a_list_a_number_is_a_number(chat: Conversation) -> None:
    assert chosen(chat, "2") is None
