"""The real knowledge over the real answers, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.embedding import shared_embedder
from bot.evaluation.questions import Question, read_questions
from bot.knowledge import Knowledge, build_index, load_knowledge

DATA = Path("data")
FACTS = {"clinic": "Example Clinic", "phone": "555-0100", "call_emergency": "call 911", "lifeline": "call or text 988"}


@pytest.fixture(scope="session")
def index_dir() -> Path:
    """Built only when answers, articles or code changed since the last run."""
    folder = Path("var/tests/knowledge")
    build_index(DATA, folder, shared_embedder())
    return folder


@pytest.fixture(scope="session")
def knowledge(index_dir: Path) -> Knowledge:
    return load_knowledge(DATA, index_dir, shared_embedder(), FACTS)


@pytest.fixture(scope="session")
def held_apart() -> list[Question]:
    """The sets that nothing is trained on; `tuning` is only for what thresholds were chosen on."""
    return read_questions(DATA / "evaluation", ("first", "second", "third", "fourth"))


@pytest.fixture(scope="session")
def every_question(held_apart: list[Question]) -> list[str]:
    return [question.text for question in [*read_questions(DATA / "evaluation", ("tuning",)), *held_apart]]
