"""The whole assistant on the questions held apart: no figure of the answer card falls under its floor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands._answer_card import measure
from bot.evaluation.answer_page import answer_page, broken

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SETS = Path("data/evaluation")


def test_the_answer_card_is_above_its_floors(rasa: Any) -> None:
    card = measure(SETS, rasa)
    limits = yaml.safe_load((SETS / "floors.yml").read_text("utf-8"))
    assert broken(card, limits["floors"], limits["grade"]) == []
    assert card["questions"] > 600 and len(card["by_topic"]) == 44
    page = answer_page(card)
    assert all(name in page for name in limits["floors"])


def test_a_broken_figure_and_a_fault_are_named() -> None:
    figure = {"share": 0.5, "hits": 1, "of": 2, "low": 0.1, "high": 0.9}
    card = {"headline": {"right": figure}, "faults": {"denied sentence shown": ["is it safe"]}, "grade": {"highest": 9.0}}
    found = broken(card, {"right": {"at_least": 0.9}}, 8.0)
    assert len(found) == 3 and "is it safe" in found[1]
