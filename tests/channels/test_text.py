"""What may come in as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.text import clean


@pytest.mark.parametrize("text", ["/greet", "//greet", "  /greet", "／greet", "\u200b/greet", "/\u200b/greet", "\u2066/ greet"])
def test_nothing_that_people_type_is_a_command_to_rasa(text: str) -> None:
    assert clean(text) == "greet"


def test_words_are_left_alone() -> None:
    assert clean("  50/50 ¿qué tal? 😭 and/or \n ok ") == "50/50 ¿qué tal? 😭 and/or \n ok"


@given(st.text())
def test_any_text_can_be_stored_and_sent(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned and not cleaned.startswith("/")


def test_lone_surrogates_become_something_that_can_be_stored() -> None:
    clean("a\ud800b").encode("utf-8")
