"""Question in, reviewed answer out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Collection, Mapping

import numpy as np

from bot.embedding import Embedder, Vectors, shared_embedder

from . import lexical
from .articles import passages, read_articles
from .asides import Asides, read_asides
from .caveats import read_caveats
from .compose import Composer, read_wording
from .entries import read_entries, read_phrasings
from .files import read_review, read_yaml
from .index import (
    Index,
    all_denied,
    approved_numbers,
    is_fresh,
    known_index,
    load_index,
    make_index,
    read_medicines,
    read_words,
)
from .matcher import Floats
from .model import Answer, Article, Entry, Passage, Review, Situation
from .text import MAX_CHARACTERS, expand, plain, sentences, words

# Probabilities, chosen on questions held apart from the phrasings. Sending someone to a person costs
# little, so behaviours need less than a topic, which must also be ahead of the next entry.
TOPIC_THRESHOLD = 0.06
TOPIC_LEAD = 1.3
BEHAVIOUR_THRESHOLD = 0.025
CRISIS_THRESHOLD = 0.20
MEDICINE_THRESHOLD = 0.02
WEAK = 0.3  # below it a passage that all but repeats the question is nearer than a topic
UNSURE_THRESHOLD = 0.03
PASSAGE_THRESHOLD = 0.85
PASSAGE_AHEAD = 0.92
PASSAGE_WORDS_SHARE = 0.3
PASSAGE_CANDIDATES = 200
# A behaviour that keeps someone safe wins over a topic that is not much likelier.
SAFETY_KINDS = frozenset({"refer", "refuse", "crisis"})
SAFETY_SHARE = 0.5
# Where the worst of it is a clinician asked in vain.
CONSULT_SHARE = 0.8
SENTENCES = 4
FIXED_TEXTS = {"caveat blocks": "caveats.yml", "fixed sentences": "wording.yml"}
OPTIONS = 2
NOT_REVIEWED = "not yet reviewed"


@dataclass(frozen=True)
class Finding:
    """What a question was found to mean: an entry that may speak, topics it may mean, a passage, or nothing."""

    score: float = 0.0
    entry: Entry | None = None
    maybe: tuple[str, ...] = ()
    passage: Passage | None = None


@dataclass(frozen=True)
class Knowledge:
    """Everything that can be answered, ready to be asked; safe to use from several threads."""

    entries: tuple[Entry, ...]
    passages: tuple[Passage, ...]
    articles: tuple[Article, ...]
    reviews: Mapping[str, Review]
    composer: Composer
    index: Index
    spellings: Mapping[str, str]
    medicines: frozenset[str]
    embedder: Embedder
    asides: Asides

    def answer(
        self, question: str, vector: Vectors | None = None, *,
        first_ketamine_answer: bool = False, shown_caveats: Collection[str] = (),
    ) -> Answer:
        """Return the answer to any text at all, read by itself; what is not known becomes kind `abstain`.

        `vector` is the question's own embedding, when the caller has it already.
        """
        situation = Situation(first=first_ketamine_answer, shown=frozenset(shown_caveats))
        return self.say(self.find(question, vector), situation)

    def find(self, question: str, vector: Vectors | None = None) -> Finding:
        """Return what a question means, read by itself."""
        readings = self._readings(question)
        if not readings:
            return Finding()
        vectors = self._vectors(question, readings, vector)
        likely = self._likely(readings, vectors)
        names_medicine = not self.medicines.isdisjoint(words(question[:MAX_CHARACTERS]))
        if names_medicine:
            likely = self._without_topics(likely)
        best = self._choose(likely)
        score = float(likely[best])
        if self._sure(best, likely) or (names_medicine and score >= MEDICINE_THRESHOLD):
            sure = Finding(score, self.entries[best])
            settled = score >= WEAK or self.entries[best].kind != "answer"
            return sure if settled else self._in_passages(readings, vectors, sure)
        maybe = Finding(score, maybe=tuple(self._maybe(likely)))
        return maybe if names_medicine else self._in_passages(readings, vectors, maybe)

    def say(self, finding: Finding, situation: Situation) -> Answer:
        """Return what is answered to a question that means this; which of two topics is only asked once."""
        if finding.entry is not None:
            instead = self.entry(finding.entry.falls_back_to) if finding.entry.falls_back_to else None
            return self.composer.entry(finding.entry, finding.score, situation, instead)
        if finding.maybe and not situation.options:
            return self.composer.unsure(finding.maybe, finding.score)
        if finding.passage is not None:
            return self.composer.passage(finding.passage, finding.score, situation)
        return self.composer.abstain(finding.score)

    def entry(self, key: str) -> Entry | None:
        """Return the entry of that id, or None."""
        return next((entry for entry in self.entries if entry.id == key), None)

    def ranked(self, question: str, count: int = 5) -> list[tuple[str, float]]:
        """Return the likeliest entries of a question with their probabilities, best first."""
        readings = self._readings(question)
        if not readings:
            return []
        likely = self._likely(readings, self.embedder.encode(readings))
        return [(self.entries[i].id, float(likely[i])) for i in np.argsort(-likely)[:count]]

    def topics(self) -> tuple[Entry, ...]:
        """Return the topics that the articles answer."""
        return tuple(entry for entry in self.entries if entry.id.startswith("T"))

    def waiting(self, today: date | None = None) -> list[str]:
        """Return what still needs a clinician, a line each: unsigned, expired or not yet reviewed."""
        day = today or datetime.now(UTC).date()
        named = {**{f"answer {entry.id} ({entry.title})": entry.review for entry in self.entries},
                 **{f"article {article.source}": article.review for article in self.articles}, **self.reviews}
        out = [f"article {article.source}: {NOT_REVIEWED}, never shown; mark its claims and set its status"
               for article in self.articles if not article.reviewed]
        out += [f"{name}: not signed" for name, review in named.items() if review.signed_by is None]
        out += [f"{name}: review due since {review.review_by}" for name, review in named.items()
                if review.review_by < day]
        return out

    def _readings(self, question: str) -> list[str]:
        """Return the texts that are compared: the whole message, and its sentences when it has several."""
        text = plain(question[:MAX_CHARACTERS * 4])[:MAX_CHARACTERS]
        parts = [part for part in sentences(text) if len(part) > 12]
        whole = expand(text, self.spellings)
        singles = [expand(part, self.spellings) for part in parts[:SENTENCES]] if len(parts) > 1 else []
        return list(dict.fromkeys(reading for reading in [whole, *singles] if reading))

    def _likely(self, readings: list[str], vectors: Vectors) -> Floats:
        rows = lexical.weigh(lexical.counts(readings), self.index.rarity)
        each = [self.index.matcher.probabilities(vectors[i], rows[i]) for i in range(len(readings))]
        return np.max(np.stack(each), axis=0)

    def _vectors(self, question: str, readings: list[str], vector: Vectors | None) -> Vectors:
        """Return a vector a reading; the caller's serves when the reading is the question as typed."""
        if vector is None or readings[0] != " ".join(words(question)):
            return self.embedder.encode(readings)
        own = np.asarray(vector, np.float32).reshape(1, -1)
        return np.concatenate([own, self.embedder.encode(readings[1:])]) if len(readings) > 1 else own

    def _maybe(self, likely: Floats) -> list[str]:
        """Return the two topics that the question may have meant, likeliest first."""
        order = [int(i) for i in np.argsort(-likely)[:OPTIONS]]
        if self.entries[order[0]].kind != "answer":
            return []
        return [self.entries[i].id for i in order
                if self.entries[i].kind == "answer" and likely[i] >= UNSURE_THRESHOLD]

    def _without_topics(self, likely: Floats) -> Floats:
        """Return the probabilities when a medicine is named: few topics may speak of one."""
        kept = [entry.kind in SAFETY_KINDS or entry.compares_medicines for entry in self.entries]
        return np.where(kept, likely, np.float32(0.0))

    def _choose(self, likely: Floats) -> int:
        best = int(np.argmax(likely))
        if self.entries[best].kind in SAFETY_KINDS:
            return best
        careful = [i for i, entry in enumerate(self.entries)
                   if entry.kind in SAFETY_KINDS
                   and likely[i] >= (CONSULT_SHARE if entry.code == "CONSULT" else SAFETY_SHARE) * likely[best]
                   and likely[i] >= _needed(entry)]
        return max(careful, key=lambda i: likely[i]) if careful else best

    def _sure(self, best: int, likely: Floats) -> bool:
        """Return whether this entry may speak."""
        entry = self.entries[best]
        if likely[best] < _needed(entry):
            return False
        second = float(np.max(np.delete(likely, best), initial=0.0))
        return entry.kind != "answer" or bool(likely[best] >= TOPIC_LEAD * second)

    def _in_passages(self, readings: list[str], vectors: Vectors, otherwise: Finding) -> Finding:
        """Return the passage that all but repeats the question, or what was found without it."""
        found, near = self._passage(readings[0], vectors[0])
        needed = PASSAGE_THRESHOLD if otherwise.entry is None else PASSAGE_AHEAD
        return Finding(near, passage=found) if found is not None and near >= needed else otherwise

    def _passage(self, reading: str, vector: Vectors) -> tuple[Passage | None, float]:
        if not self.passages:
            return None, 0.0
        near = self.index.passage_vectors @ vector
        # Words are compared only for the nearest in meaning, so that thousands of articles stay cheap.
        kept = np.argsort(near) if len(near) <= PASSAGE_CANDIDATES else np.argpartition(
            near, -PASSAGE_CANDIDATES)[-PASSAGE_CANDIDATES:]
        row = lexical.weigh(lexical.counts([reading]), self.index.passage_rarity)
        both = near[kept] + PASSAGE_WORDS_SHARE * lexical.similarity(self.index.passage_rows[kept], row)
        best = int(np.argmax(both))
        return self.passages[int(kept[best])], float(both[best])


def _needed(entry: Entry) -> float:
    if entry.kind == "answer":
        return TOPIC_THRESHOLD
    return CRISIS_THRESHOLD if entry.kind == "crisis" else BEHAVIOUR_THRESHOLD


def load_knowledge(
    data_dir: Path = Path("data"), index_dir: Path = Path("models/knowledge"),
    embedder: Embedder | None = None, facts: Mapping[str, str] | None = None,
) -> Knowledge:
    """Return the knowledge in `data_dir`; a stale or missing index is made anew in memory.

    `facts` fill the placeholders of clinic and behaviour texts. Raises `KnowledgeError` naming a
    faulty file, and `EmbeddingUnavailable`.
    """
    answers = data_dir / "answers"
    encoder = embedder or shared_embedder()
    entries = read_entries(answers)
    denied = all_denied(data_dir)
    articles = read_articles(data_dir / "articles")
    found = passages(data_dir / "articles", denied, approved_numbers(entries))
    spellings, medicines = read_words(answers), read_medicines(answers)
    fresh = is_fresh(data_dir, index_dir)
    index = load_index(index_dir) if fresh else make_index(
        entries, found, spellings, encoder, known_index(index_dir), read_phrasings(answers)[1])
    composer = Composer(
        wording=read_wording(answers / "wording.yml"), caveats=read_caveats(answers / "caveats.yml"),
        articles={article.source: article for article in articles},
        titles={entry.id: entry.title for entry in entries}, denied=denied, facts=facts or {})
    reviews = {name: read_review(read_yaml(answers / file), answers / file)
               for name, file in FIXED_TEXTS.items()}
    return Knowledge(
        entries=tuple(entries), passages=tuple(found), articles=tuple(articles), reviews=reviews,
        composer=composer, index=index, spellings=spellings, medicines=medicines, embedder=encoder,
        asides=read_asides(answers / "follow_ups.yml", {entry.id for entry in entries}, spellings))
