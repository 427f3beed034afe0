"""What answers the booking's question, and what does not."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.scheduling.answering import answers

NOW = datetime(2026, 11, 25, 10, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize("asked, text, intent", [
    ("first_name", "Sam", "bot_challenge_no"), ("first_name", "my name is Ana Maria", "small_talk"),
    ("first_name", "O'Neil", "question"), ("contact", "555-201-0199", "question"), ("contact", "me@x.org", "greet"),
    ("preferred_time", "anytime", "thank"), ("preferred_time", "tues pm", "small_talk"),
    ("preferred_time", "anything after 5", "out_of_scope"), ("chosen_slot", "2", "inform"),
    ("chosen_slot", "the later one", "out_of_scope"), ("chosen_slot", "not friday", "deny"),
    ("chosen_slot", "any time", "nlu_fallback"), ("chosen_slot", "it's Angus", "question"), ("contact", "206-555-01", "inform"),
    ("preferred_time", "consult, with whoever", "talk_to_person")])
def test_answers(asked: str, text: str, intent: str) -> None:
    assert answers(asked, text, intent, 0.9, NOW, services={"consultation": ["Consultation", "consulta"]})


@pytest.mark.parametrize("asked, text, intent", [
    ("first_name", "why do you need that?", "question"), ("first_name", "never mind", "stop_conversation"),
    ("contact", "why?", "question"), ("preferred_time", "is it safe", "question"),
    ("preferred_time", "stop", "stop_conversation"), ("chosen_slot", "does it hurt?", "question"),
    ("preferred_time", "a consult with a nurse on the phone", "talk_to_person"), ("preferred_time", "i want to die on tuesday", "crisis"), ("something", "2", "inform")])
def test_no_answers(asked: str, text: str, intent: str) -> None:
    assert not answers(asked, text, intent, 0.9, NOW)
