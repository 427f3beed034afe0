"""What an answer costs with 5 to 5,000 articles, on one core, and how long five articles take to index.

The answers and phrasings are the real ones. Further articles are the real passages with their words
shuffled and their vectors jostled: what a question costs depends on how many there are, not on what they say.
"""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.embedding import shared_embedder
from bot.knowledge import Knowledge, build_index, lexical, load_knowledge
from bot.knowledge.index import Index

DATA = Path("data")
COUNTS = (5, 50, 500, 5000)
TOPICAL = ("what are the side effects", "how long is an infusion", "is it addictive", "how quickly does it work",
           "does insurance cover it", "who might not be a good candidate", "what is bdnf")
# What no topic answers is looked for in the passages.
SEARCHED = ("do the drips come in colours", "what did the first study on rats show", "is the medicine made from plants",
            "which country uses it the most", "who sits on the board of the journal", "is it stored cold")
ROUNDS = 5


@dataclass(frozen=True)
class Point:
    """Median milliseconds of an answer with so many articles."""

    articles: int
    passages: int
    topical: float
    searched: float


def indexing() -> float:
    """Return the seconds that indexing the five articles takes, phrasings being known already."""
    embedder = shared_embedder()
    with tempfile.TemporaryDirectory() as folder:
        index, data = Path(folder) / "index", Path(folder) / "data"
        shutil.copytree(DATA / "answers", data / "answers")
        (data / "articles").mkdir()
        build_index(data, index, embedder)
        shutil.rmtree(data / "articles")
        shutil.copytree(DATA / "articles", data / "articles")
        started = time.perf_counter()
        build_index(data, index, embedder)
        return time.perf_counter() - started


def curve() -> tuple[float, list[Point]]:
    """Return the seconds for indexing five articles, and what answers cost with more and more of them."""
    embedder = shared_embedder()
    known = load_knowledge(DATA, Path("models/knowledge"), embedder)
    per_article = max(1, len(known.passages) // 5)
    points = []
    for count in COUNTS:
        larger = with_passages(known, count * per_article)
        points.append(Point(count, len(larger.passages), median_ms(larger, TOPICAL), median_ms(larger, SEARCHED)))
    return indexing(), points


def with_passages(known: Knowledge, count: int, seed: int = 1) -> Knowledge:
    """Return knowledge with so many passages, made from the real ones."""
    shuffle, noise = random.Random(seed), np.random.default_rng(seed)
    chosen = [known.passages[i % len(known.passages)] for i in range(count)]
    words = [word for passage in known.passages for word in passage.quote.split()]
    passages = tuple(replace(passage, quote=" ".join(shuffle.sample(words, len(passage.quote.split()))))
                     for passage in chosen)
    base = known.index.passage_vectors[np.arange(count) % len(known.passages)]
    vectors = (base + noise.normal(0, 0.05, base.shape)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    counts = lexical.counts([passage.quote.lower() for passage in passages])
    rarity = lexical.rarity(counts)
    index: Index = replace(known.index, passage_vectors=vectors, passage_rows=lexical.weigh(counts, rarity),
                           passage_rarity=rarity)
    return replace(known, passages=passages, index=index)


def table(measured: tuple[float, list[Point]]) -> str:
    """Return the curve as a table, with the last row's cost over the first's."""
    seconds, points = measured
    lines = [f"indexing five articles: {seconds:.1f} s", "",
             f"{'articles':>10}{'passages':>10}{'topic, ms':>12}{'searched, ms':>14}"]
    lines += [f"{p.articles:>10}{p.passages:>10}{p.topical:>12.1f}{p.searched:>14.1f}" for p in points]
    return "\n".join([*lines, f"5,000 articles against 5: {points[-1].searched / points[0].searched:.1f} times"])


def median_ms(known: Knowledge, questions: tuple[str, ...]) -> float:
    """Return the median milliseconds of an answer to these questions, their embedding aside."""
    times = []
    for _ in range(ROUNDS):
        for question in questions:
            vector = known.embedder.encode([question])[0]
            started = time.perf_counter()
            known.answer(question, vector)
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)
