"""Whole turns with the trained model: what is said, and what the dialogue remembers."""

from __future__ import annotations

import pytest

from tests.dialogue.conftest import Talk

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("text, kind", [
    ("hi there", "small_talk"), ("thank you so much", "small_talk"), ("bye", "small_talk"),
    ("are you a real person", "bot_challenge"), ("who can read this chat", "privacy"),
    ("can i speak to a human please", "handoff"), ("id like to make an appointment", "booking"),
    ("what are the side effects", "answer"), ("how many mg will you give me", "refer"),
    ("where can i buy some k", "refuse"), ("what's the weather tomorrow", "out_of_scope")])
async def test_each_kind_of_message_gets_its_kind_of_reply(talk: Talk, text: str, kind: str) -> None:
    assert (await talk.say(text))[0]["kind"] == kind


async def test_a_crisis_without_the_gateway_is_met_all_the_same(talk: Talk) -> None:
    replies = await talk.say("how much is a session, i want to kill myself")
    assert [reply["kind"] for reply in replies] == ["crisis"]
    assert "988" in replies[0]["text"]


async def test_a_crisis_in_the_middle_of_a_booking_wins_and_the_booking_pauses(talk: Talk) -> None:
    await talk.say("book a consultation")
    await talk.say("any time")
    assert (await talk.tracker()).active_loop_name == "consultation_form"
    replies = await talk.say("actually i took all my pills")
    assert [reply["kind"] for reply in replies] == ["crisis"]
    tracker = await talk.tracker()
    assert tracker.active_loop_name is None
    assert tracker.get_slot("chosen_slot") is None and tracker.get_slot("first_name") is None
    after = await talk.say("hello")
    assert [reply["kind"] for reply in after] == ["small_talk"]


async def test_a_crisis_that_the_gateway_reports_pauses_the_booking_too(talk: Talk) -> None:
    await talk.say("book a consultation")
    replies = await talk.tap("crisis")
    assert replies[0]["kind"] == "crisis"
    assert (await talk.tracker()).active_loop_name is None


async def test_a_question_in_the_middle_is_answered_and_the_booking_goes_on(talk: Talk) -> None:
    await talk.say("book a consultation")
    replies = await talk.say("what are the side effects?")
    assert [reply["kind"] for reply in replies] == ["answer", "booking"]
    assert (await talk.tracker()).get_slot("preferred_time") is None


async def test_a_change_of_mind_ends_the_booking_and_forgets_it(talk: Talk) -> None:
    await talk.say("book a consultation")
    await talk.say("tuesday")
    await talk.say("never mind")
    tracker = await talk.tracker()
    assert tracker.active_loop_name is None and tracker.get_slot("preferred_time") is None


async def test_another_wish_gets_other_times(talk: Talk) -> None:
    await talk.say("book a consultation")
    first = (await talk.say("tuesday"))[-1]["buttons"]
    assert all(button["title"].startswith("Tuesday") for button in first[:-1])
    second = (await talk.say("rather thursday after 5"))[-1]["buttons"]
    assert all(button["title"].startswith("Thursday") for button in second[:-1])


async def test_names_and_phones_are_read_as_answers(talk: Talk) -> None:
    await talk.say("book a consultation")
    await talk.say("the first one free")
    await talk.say("1")
    asked = await talk.say("Sam")
    assert "phone number or an e-mail" in asked[-1]["text"]
    again = await talk.say("555")
    assert "phone number or an e-mail" in again[-1]["text"]


async def test_nothing_is_said_twice_or_cut_at_blank_lines(talk: Talk) -> None:
    replies = await talk.say("what are the side effects?")
    assert len(replies) == 1
    assert "General information, not medical advice" in replies[0]["text"]
