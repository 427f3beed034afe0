"""Masking and highlighting, apart from any page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bench import masking as masking_card
from bot.desk import highlight, masking

EXAMPLES = yaml.safe_load(Path(__file__).with_name("personal_details.yml").read_text(encoding="utf-8"))


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
    ("born 03/14/1988", "born ••/••/••••"),
    ("mail jo.doe@mail.example.org", "mail j•••••@mail.example.org"),
    ("988 or 911, 10 pills, 40 minutes, 741741", "988 or 911, 10 pills, 40 minutes, 741741")])
def test_texts(text: str, masked: str) -> None:
    assert masking.mask_text(text) == masked


def _marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text without its « » and where they stood."""
    plain, spans = "", []
    for number, part in enumerate(re.split("[«»]", text)):
        if number % 2:
            spans.append((len(plain), len(plain) + len(part)))
        plain += part
    return plain, spans


@pytest.mark.parametrize("example", EXAMPLES["masked"])
def test_details_are_masked_and_the_rest_is_not(example: str) -> None:
    text, spans = _marked(example)
    masked = masking.mask_text(text)
    for start, end in spans:
        shown = sum(letter.isalnum() for letter in masked[start:end])
        # The first letter of each word of a name, the last two digits of a number, an address's host may show.
        assert masking.DOT in masked[start:end], masked
        assert shown <= max(4, (end - start) // 2) or "@" in masked[start:end], masked
    hidden = {place for start, end in spans for place in range(start, end)}
    assert all(masked[place] == letter for place, letter in enumerate(text) if place not in hidden), masked


@pytest.mark.parametrize("text", EXAMPLES["readable"])
def test_ordinary_words_and_numbers_stay(text: str) -> None:
    assert masking.mask_text(text) == text


def test_a_name_that_the_patient_gave_is_masked_in_our_own_texts() -> None:
    known = masking.personal_details(["my name is quetzal ramirez"], ["Xochitl"])
    assert masking.mask_known("Thank you, Quetzal. Xochitl is booked.", known) == "Thank you, Q••••••. X•••••• is booked."
    assert masking.mask_known("Carlos of the clinic is here.", known) == "Carlos of the clinic is here."


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


@pytest.mark.parametrize("name, masked, needless", [("personal_card.yml", 80, 0), ("personal_card_2.yml", 29, 2)])
def test_the_card_keeps_to_what_was_reached(name: str, masked: int, needless: int) -> None:
    rows = masking_card.measure(masking_card.FILE.with_name(name))
    assert sum(row.whole for row in rows) >= masked, [row.missed for row in rows]
    assert sum(len(row.needless) for row in rows) <= needless, [row.needless for row in rows]
