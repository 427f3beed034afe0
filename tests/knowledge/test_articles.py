"""The articles: what may speak, and what never does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.knowledge import KnowledgeError
from bot.knowledge.articles import passages, read_article, read_articles
from bot.knowledge.deny import holds_denied, read_denied
from bot.knowledge.entries import read_entries
from bot.knowledge.index import approved_numbers
from bot.knowledge.model import Passage

DATA = Path("data")
DENIED = read_denied(DATA / "answers" / "deny.yml")
NUMBERS = approved_numbers(read_entries(DATA / "answers"))
PASSAGES = passages(DATA / "articles", DENIED, NUMBERS)

NEW = """---
source: new.txt
title: A new article
status: reviewed
reviewed_on: 2026-11-22
review_by: 2027-05-22
---

## Sleep

Some patients sleep longer on the night after an infusion. Others notice no change.
"""
CLAIMS = """claims:
  - {quote: "Some patients sleep longer on the night after an infusion", verdict: [OK], caveats: [K-CLINIC]}
"""


def test_the_five_articles_are_reviewed_and_unsigned() -> None:
    articles = read_articles(DATA / "articles")
    assert len(articles) == 5
    assert all(article.reviewed and article.review.signed_by is None for article in articles)


def test_every_denied_sentence_is_in_an_article_or_was_cut() -> None:
    text = "\n".join(path.read_text("utf-8") for path in (DATA / "articles").glob("*.md"))
    assert sum(holds_denied(text, [part]) for part in DENIED) >= len(DENIED) - 2  # one line is cut whole


def test_no_denied_sentence_is_a_passage() -> None:
    assert not [p.quote for p in PASSAGES if holds_denied(p.quote, DENIED)]


def test_junk_is_gone() -> None:
    text = "\n".join(path.read_text("utf-8") for path in (DATA / "articles").glob("*.md"))
    body = "\n".join(part.split("---", 2)[2] for part in [text])
    for junk in ("Also check", "Ketamine Clinic of Seattle", "Share Now", "To top", "Related Article", "IVF"):
        assert junk not in body


@pytest.mark.parametrize("passage", PASSAGES, ids=lambda p: p.quote[:40])
def test_articles_that_name_no_risk_never_speak_alone(passage: Passage) -> None:
    assert passage.article[:3] not in ("001", "003") or "K-SAFE" in passage.caveats


def test_an_article_without_marked_claims_never_speaks(tmp_path: Path) -> None:
    (tmp_path / "new.md").write_text(NEW, "utf-8")
    assert not read_article(tmp_path / "new.md").reviewed
    assert passages(tmp_path, DENIED, NUMBERS) == []


def test_only_the_marked_sentence_of_an_article_speaks(tmp_path: Path) -> None:
    (tmp_path / "new.md").write_text(NEW, "utf-8")
    (tmp_path / "new.claims.yml").write_text(CLAIMS, "utf-8")
    found = passages(tmp_path, DENIED, NUMBERS)
    assert [(p.section, p.quote, p.caveats) for p in found] == [
        ("Sleep", "Some patients sleep longer on the night after an infusion.", ("K-CLINIC",))]


def test_a_faulty_article_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_text("no front matter", "utf-8")
    with pytest.raises(KnowledgeError, match=r"bad\.md"):
        read_articles(tmp_path)


def test_a_copy_of_the_real_articles_reads_the_same(tmp_path: Path) -> None:
    shutil.copytree(DATA / "articles", tmp_path / "articles")
    assert passages(tmp_path / "articles", DENIED, NUMBERS) == PASSAGES
