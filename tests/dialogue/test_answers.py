"""Answers in whole turns with the trained model: follow-ups, two questions, a question while booking."""

from __future__ import annotations

from typing import Any

import pytest

from bot.gsm7 import segments, split_for_sms
from tests.dialogue.conftest import Talk

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def topics(replies: list[dict[str, Any]]) -> list[str]:
    return [reply["topic"] for reply in replies if reply.get("topic")]


async def test_follow_ups_lean_on_the_last_answer(talk: Talk) -> None:
    await talk.say("what happens during a session?")
    assert topics(await talk.say("how long?")) == ["T26"]
    assert topics(await talk.say("and the side effects?")) == ["T19"]
    assert topics(await talk.say("what about for PTSD")) == ["T34"]
    quoted = (await talk.say("where does it say that?"))[0]
    assert all(source["quote"] in quoted["text"] for source in quoted["sources"])
    more = (await talk.say("tell me more"))[0]
    assert more["kind"] == "answer" and more["text"] != quoted["text"]


async def test_tell_me_more_of_nothing_asks_back(talk: Talk) -> None:
    assert (await talk.say("tell me more"))[0]["kind"] == "small_talk"


async def test_two_questions_get_two_messages_and_one_text_by_sms(talk: Talk) -> None:
    both = "what are the side effects and how long is an infusion?"
    assert topics(await talk.say(both)) == ["T19", "T26"]
    text = await talk.say(both, channel="sms", phone="+15550100100")
    assert len(text) == 1 and "40 minutes" in text[0]["text"] and "nausea" in text[0]["text"]
    parts = split_for_sms(text[0]["text"])
    assert all(segments(part) <= 2 for part in parts) and "MORE" in parts[0]


async def test_the_drugs_status_is_said_once(talk: Talk) -> None:
    first = await talk.say("what happens during a session?", first_answer=True)
    second = await talk.say("how is a patient monitored?", first_answer=True)
    assert "K-FDA" in first[0]["caveats"]
    assert "K-FDA" not in second[0].get("caveats", []) and "K-CLINIC" not in second[0].get("caveats", [])


async def test_a_question_and_its_follow_up_while_booking_are_answered_and_the_booking_goes_on(talk: Talk) -> None:
    await talk.say("book a consultation")
    for question, topic in (("what happens during a session?", "T25"), ("how long?", "T26")):
        replies = await talk.say(question)
        assert topics(replies) == [topic] and replies[-1]["kind"] == "booking"
    assert (await talk.tracker()).active_loop_name == "consultation_form"
    assert (await talk.tracker()).get_slot("preferred_time") is None


async def test_a_number_while_booking_chooses_a_time_and_nothing_else(talk: Talk) -> None:
    await talk.say("book a consultation")
    await talk.say("any time")
    assert topics(await talk.say("is it safe?")) == ["T23"]
    assert (await talk.say("1"))[-1]["text"] == "What first name may I put down?"


async def test_a_question_beside_the_wish_to_book_is_answered_too(talk: Talk) -> None:
    replies = await talk.say("I'd like to book a consultation. What are the side effects?")
    assert [reply["kind"] for reply in replies] == ["answer", "booking"]
    assert (await talk.tracker()).active_loop_name == "consultation_form"


async def test_nothing_of_the_memory_leaves_rasa(talk: Talk) -> None:
    assert all("memory" not in reply and "then" not in reply for reply in await talk.say("is it safe?"))


async def test_alarming_words_in_a_question_bring_the_crisis_block_and_the_lines(talk: Talk) -> None:
    replies = await talk.say("how quickly does ketamine work?", tier="info", category="suicide")
    assert topics(replies) == ["T12"]
    assert "K-CRISIS" in replies[0]["caveats"] and len(replies[0]["caveats"]) <= 3
    assert any(resource["href"] == "tel:988" for resource in replies[0]["resources"])
