"""`docs/adding-an-article.md` does what it says, step by step, on a copy of the data."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import pytest

from bot.embedding import shared_embedder
from bot.knowledge import Answer, Knowledge, KnowledgeError, build_index, load_knowledge

PAGE = Path("docs/adding-an-article.md").read_text(encoding="utf-8")
ASKED = "do people get vivid dreams after an infusion?"
PROMISE = "does ketamine always cure insomnia within 3 nights"


@pytest.fixture
def data(tmp_path: Path, index_dir: Path) -> Path:
    """A copy of answers and articles, with an index that was made from them."""
    for part in ("answers", "articles"):
        shutil.copytree(Path("data") / part, tmp_path / "data" / part)
    shutil.copytree(index_dir, tmp_path / "index")
    return tmp_path / "data"


def block(language: str) -> tuple[str, str]:
    """Return the name and the content of the page's file of that language."""
    found = re.search(rf"`([\w.-]+)`, in `data/articles/`:\n\n```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1], found[2]


def train(data: Path) -> Knowledge:
    index = data.parent / "index"
    build_index(data, index, shared_embedder())
    return load_knowledge(data, index, shared_embedder(), {"clinic": "Example Clinic", "phone": "555-0100"})


def speaks(answer: Answer) -> bool:
    return any(source.article == "005_sleep_after_ketamine.txt" for source in answer.sources)


def test_the_page_works_as_written(data: Path) -> None:
    name, article = block("markdown")
    (data / "articles" / name).write_text(article, encoding="utf-8")
    unread = train(data)
    assert any("005_sleep" in line and "not yet reviewed" in line for line in unread.waiting())
    assert not speaks(unread.answer(ASKED)) and not speaks(unread.answer(PROMISE))

    claims_name, claims = block("yaml")
    (data / "articles" / claims_name).write_text(claims, encoding="utf-8")
    assert not speaks(train(data).answer(ASKED)), "marked, but its status does not say that it was reviewed"

    (data / "articles" / name).write_text(article.replace("status: not_reviewed", "status: reviewed"), encoding="utf-8")
    started = time.monotonic()
    known = train(data)
    assert time.monotonic() - started < 20  # a few seconds by itself
    answer = known.answer(ASKED)
    assert speaks(answer) and "vivid dreams" in answer.text and "K-CLINIC" in answer.caveats
    assert not any("not yet reviewed" in line for line in known.waiting())
    for question in (PROMISE, "Ketamine always cures insomnia within 3 nights."):
        assert "always cures" not in known.answer(question).text


@pytest.mark.parametrize("wrong, said", [
    (("report vivid dreams", "report wild dreams"), "letter by letter"), (("[OK+]", "[FINE]"), "FINE"),
    (("K-CLINIC", "K-NOTHING"), "K-NOTHING")])
def test_a_faulty_mark_stops_the_training_and_is_named(data: Path, wrong: tuple[str, str], said: str) -> None:
    name, article = block("markdown")
    claims_name, claims = block("yaml")
    (data / "articles" / name).write_text(article, encoding="utf-8")
    (data / "articles" / claims_name).write_text(claims.replace(*wrong), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=re.escape(said)):
        build_index(data, data.parent / "index", shared_embedder())
