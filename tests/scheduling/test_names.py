"""Names in what people write: the examples of `data/booking/names.yml`."""

from __future__ import annotations

import pytest
import yaml

from bot.scheduling.names import WORDS, read_lone_name, read_name
from bot.scheduling.reading import read_facts

DATA = yaml.safe_load(WORDS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text, name", DATA["examples"].items())
def test_a_name_in_a_message(text: str, name: str | None) -> None:
    assert read_facts(text, "US").first_name == name


@pytest.mark.parametrize("text, name", DATA["bare"].items())
def test_a_name_that_was_asked_for(text: str, name: str | None) -> None:
    assert read_name(text, bare=True) == name


@pytest.mark.parametrize("text, name", [("Melissa", "Melissa"), ("melissa", "Melissa"), ("Ty Brooks", "Ty"), ("Oleksandr", "Oleksandr"), ("asdf", None), ("Will", "Will"), ("June", None),
                                        ("thanks", None), ("Perfect", None), ("Melissa is my sister", None), ("hmm", None)])
def test_a_name_that_was_not_asked_for(text: str, name: str | None) -> None:
    assert read_lone_name(text) == name
