"""The second reader: a trained classifier for what no list foresees. Runs on NumPy alone."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import numpy as np

from bot.embedding import DIMENSIONS, Embedder, EmbeddingUnavailable, shared_embedder
from bot.sums import AlteredFile, read_checked

from .features import BUCKETS, Hashed, Vector, hashed, weighed
from .kernel import KEPT, likeness
from .normalise import Words
from .segments import Segment, segments
from .verdict import Category, Subject, Tier

WEIGHTS = "classifier.npz"
CARD = "classifier.json"
VERSION = 3
# Each head answers one question: is it at least this urgent?
HEADS = ("check_in", "crisis", "emergency")
# What a head's score, from about -1 to 1, is worth as a probability: fitted by leave-one-out on our examples.
SLOPE = {"check_in": 4.9, "crisis": 4.8, "emergency": 6.8}
OFFSET = {"check_in": -0.1, "crisis": 0.1, "emergency": 1.3}
MOST_SEGMENTS = 24
FEW = 8
# Of a text longer than any person types, the classifier sees both ends; the lexicon reads all of it.
MOST_CHEAP = 240


class ClassifierUnavailable(RuntimeError):
    """The classifier's files are missing or broken, or the embedding is; the message says which."""


@dataclass(frozen=True)
class Opinion:
    """What the classifier makes of words `first` to `last`, and the training example most like them."""

    tier: Tier
    category: Category
    subject: Subject
    score: float
    nearest: str
    first: int
    last: int


@dataclass
class Classifier:
    """How urgent (tier), and what about (category), by likeness to the training examples.

    `examples` (n, KEPT) are their embeddings in the directions `basis` (DIMENSIONS, KEPT), `weights`
    (n, heads and categories) what each says of a text like it, `letters` (BUCKETS, heads and categories)
    what n-grams say, `rarity` (BUCKETS,) how much each of them counts.
    """

    embedder: Embedder
    examples: Vector
    basis: Vector
    weights: Vector
    letters: Vector
    rarity: Vector
    card: dict[str, Any]

    @classmethod
    def load(cls, model_dir: Path, embedder: Embedder | None) -> Classifier:
        """Return the classifier in `model_dir`; raises `ClassifierUnavailable`."""
        try:
            card = json.loads(read_checked(model_dir / CARD))
            with np.load(io.BytesIO(read_checked(model_dir / WEIGHTS)), allow_pickle=False) as arrays:
                parts = {name: np.asarray(arrays[name], np.float32) for name in arrays.files}
            # By column, so that a product with one text reads memory at twice the pace.
            parts["examples"] = np.asfortranarray(parts["examples"])
        except FileNotFoundError:
            raise ClassifierUnavailable("no classifier is trained: run `python -m bot train`") from None
        except AlteredFile as error:
            raise ClassifierUnavailable(str(error)) from None
        except Exception as error:  # a damaged zip raises errors of its own kind
            raise ClassifierUnavailable(f"the classifier's files are broken: {type(error).__name__}") from error
        try:
            model = cls(embedder or shared_embedder(), card=card, **parts)
            model.check()
            return model
        except (EmbeddingUnavailable, ImportError, OSError) as error:
            raise ClassifierUnavailable(f"no sentence embedding: {error}") from error
        except (TypeError, KeyError, ValueError) as error:
            raise ClassifierUnavailable(f"the classifier's files are of another version: {error}") from error

    def check(self) -> None:
        """Raise `ValueError` when the parts don't fit each other, and embed one word as a trial."""
        heads = len(HEADS) + len(self.card["categories"])
        if self.card.get("version") != VERSION or self.letters.shape != (BUCKETS, heads):
            raise ValueError("letters")
        if self.weights.shape != (len(self.card["examples"]), heads) or self.rarity.shape != (BUCKETS,):
            raise ValueError("weights")
        if (self.examples.shape, self.basis.shape) != ((len(self.card["examples"]), KEPT), (DIMENSIONS, KEPT)):
            raise ValueError("examples")
        if not all(np.isfinite(part).all()
                   for part in (self.examples, self.basis, self.weights, self.letters, self.rarity)):
            raise ValueError("weights that are no numbers")
        self.embedder.encode(["hello"])

    def read(self, words: Words, also: Sequence[str] = ()) -> Opinion | None:
        """Return the most urgent opinion over all segments of a message, None for no words.

        `also` are texts whose embedding somebody needs next: in one go with the segments they cost half.
        """
        parts = segments(words)
        if len(parts) > MOST_CHEAP:
            parts = [*parts[:MOST_CHEAP // 2], *parts[-MOST_CHEAP // 2:]]
        distinct = {part.text(words): part for part in parts}
        distinct.pop("", None)
        if not distinct:
            return None
        parts, texts = list(distinct.values()), list(distinct)
        letters = self.by_letters(texts)
        if len(parts) > MOST_SEGMENTS:
            # The embedding is the slow part: let the cheap half of the features pick for it.
            keep = np.sort(np.argsort(-letters[:, 0])[:MOST_SEGMENTS])
            parts, texts, letters = [parts[i] for i in keep], [texts[i] for i in keep], letters[keep]
        near = self._near(texts, also)
        scores = np.stack([row @ self.weights for row in likeness(near)]) + letters
        opinions = [self._opinion(*one) for one in zip(parts, near, scores)]
        return max(opinions, key=lambda opinion: (opinion.tier.rank, opinion.score))

    def _near(self, texts: Sequence[str], also: Sequence[str] = ()) -> Vector:
        """Return how alike texts and examples are in meaning, shape (len(texts), n)."""
        places = self.embedder.encode([*texts, *also])[:len(texts)] @ self.basis
        # One by one: for a handful of texts the product of two matrices would first copy all examples.
        alone = len(texts) <= FEW
        near: Vector = np.stack([self.examples @ place for place in places]) if alone else places @ self.examples.T
        return near

    def by_letters(self, texts: Sequence[str]) -> Vector:
        """Return what the n-grams alone say of each text, shape (len(texts), heads and categories)."""
        rows: list[Hashed] = [weighed(hashed(text), self.rarity) for text in texts]
        return np.stack([values @ self.letters[buckets] for buckets, values in rows])

    def _opinion(self, part: Segment, near: Vector, scores: Vector) -> Opinion:
        tier, score = self._decide(_probabilities(scores))
        category = Category.NONE
        nearest = {"name": "none", "subject": "self"}
        if tier > Tier.NONE:
            category = Category(self.card["categories"][int(np.argmax(scores[len(HEADS):]))])
            nearest = self.card["examples"][int(np.argmax(near))]
        return Opinion(tier, category, Subject(nearest["subject"]), score, f"like {nearest['name']}",
                       part.first, part.last)

    def _decide(self, p: dict[str, float]) -> tuple[Tier, float]:
        """Return the tier that the probabilities are worth; doubt about danger becomes `check_in`."""
        limits = self.card["thresholds"]
        if p["emergency"] >= limits["emergency"] and p["crisis"] >= limits["urgent"]:
            return Tier.EMERGENCY, p["emergency"]
        if p["crisis"] >= limits["crisis"]:
            return Tier.CRISIS, p["crisis"]
        if p["check_in"] >= limits["check_in"] or p["crisis"] >= limits["doubt"]:
            return Tier.CHECK_IN, max(p["check_in"], p["crisis"])
        # `info` is the lexicon's to say: an alarming word is there or it is not.
        return Tier.NONE, 1 - p["check_in"]


def _probabilities(scores: Vector) -> dict[str, float]:
    return {head: float(1 / (1 + np.exp(-np.clip(SLOPE[head] * score + OFFSET[head], -30, 30))))
            for head, score in zip(HEADS, scores)}
