"""The 44 answers: complete, verbatim, with the caveats and numbers that the rules allow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import textstat

from bot.knowledge.articles import read_articles
from bot.knowledge.caveats import read_caveats
from bot.knowledge.entries import read_entries
from bot.knowledge.model import Entry

DATA = Path("data")
ENTRIES = read_entries(DATA / "answers")
TOPICS = [entry for entry in ENTRIES if entry.id.startswith("T")]
ARTICLES = {article.source: article for article in read_articles(DATA / "articles")}
CAVEATS = read_caveats(DATA / "answers" / "caveats.yml")
GRADE = 8.0


def named(entry: Entry) -> str:
    return entry.id


def test_every_topic_is_there() -> None:
    assert [topic.id for topic in TOPICS] == [f"T{n:02d}" for n in range(1, 45)]


@pytest.mark.parametrize("topic", TOPICS, ids=named)
def test_has_enough_phrasings_each_once(topic: Entry) -> None:
    assert len(topic.questions) >= 15
    assert len({q.lower() for q in topic.questions}) == len(topic.questions)


def test_no_phrasing_belongs_to_two_entries() -> None:
    owner: dict[str, str] = {}
    for entry in ENTRIES:
        for question in entry.questions:
            key = question.lower().strip(" ?.!")
            assert owner.setdefault(key, entry.id) == entry.id, f"{question!r}: {owner[key]} and {entry.id}"


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.lines], ids=named)
def test_quotes_are_verbatim_and_in_their_section(entry: Entry) -> None:
    for line in entry.lines:
        rows = [(s, section, n) for s, section, n in ARTICLES[line.article].sentences if n == line.line]
        assert line.quote in " ".join(s for s, _, _ in rows), line.quote
        assert {section for _, section, _ in rows} == {line.section}


@pytest.mark.parametrize("topic", TOPICS, ids=named)
def test_edits_say_why(topic: Entry) -> None:
    for line in topic.lines:
        assert bool(line.show) == bool(line.edit)


@pytest.mark.parametrize("topic", TOPICS, ids=named)
def test_two_to_four_sentences_or_a_little_more(topic: Entry) -> None:
    shown = " ".join(line.shown for line in topic.lines)
    assert 2 <= textstat.sentence_count(shown) <= 4


@pytest.mark.parametrize("topic", TOPICS, ids=named)
def test_no_figure_that_is_not_approved(topic: Entry) -> None:
    shown = " ".join([*(line.shown for line in topic.lines), topic.contrast])
    assert set(re.findall(r"\d[\w%]*|one-third", shown)) <= set(topic.numbers)


@pytest.mark.parametrize("topic", TOPICS, ids=named)
def test_reads_at_grade_eight(topic: Entry) -> None:
    shown = " ".join([*(line.shown for line in topic.lines), topic.contrast])
    assert textstat.flesch_kincaid_grade(shown) <= GRADE


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_caveats_and_suggestions_exist(entry: Entry) -> None:
    assert set(entry.caveats) <= CAVEATS.keys()
    assert set(entry.suggestions) <= {e.id for e in ENTRIES}
    assert entry.id not in entry.suggestions


@pytest.mark.parametrize("topic", TOPICS, ids=named)
def test_offers_two_or_three_next_questions(topic: Entry) -> None:
    assert 2 <= len(topic.suggestions) <= 3


@pytest.mark.parametrize("topic", TOPICS, ids=named)
def test_is_a_draft_until_someone_signs(topic: Entry) -> None:
    assert topic.review.review_by > topic.review.reviewed_on
