"""The real knowledge over the real answers, loaded once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.embedding import shared_embedder
from bot.knowledge import Knowledge, build_index, load_knowledge

DATA = Path("data")
FACTS = {"clinic": "Example Clinic", "phone": "555-0100"}


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
def check() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(Path("tests/knowledge/questions.yml").read_text("utf-8"))
    return content
