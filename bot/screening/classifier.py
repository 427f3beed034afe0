"""The second reader: a linear classifier for what no list foresees. Runs on NumPy alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.embedding import DIMENSIONS, Embedder, EmbeddingUnavailable, shared_embedder

from .features import BUCKETS, hashed
from .normalise import Words
from .segments import Segment, segments
from .verdict import Category, Subject, Tier

WEIGHTS = "classifier.npz"
CARD = "classifier.json"
VERSION = 2
# Each head answers one question: is it at least this urgent? (`info`: is it just this?)
HEADS = ("info", "check_in", "crisis", "emergency")
MOST_SEGMENTS = 24
# Of a text longer than any person types, the classifier sees both ends; the lexicon reads all of it.
MOST_CHEAP = 240
Vector = npt.NDArray[np.float32]


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
    """Linear heads over one feature vector: how urgent (tier), and what about (category)."""

    embedder: Embedder
    tier_weights: Vector
    tier_bias: Vector
    category_weights: Vector
    category_bias: Vector
    examples: Vector
    card: dict[str, Any]

    @classmethod
    def load(cls, model_dir: Path, embedder: Embedder | None) -> Classifier:
        """Return the classifier in `model_dir`; raises `ClassifierUnavailable`."""
        try:
            card = json.loads((model_dir / CARD).read_text(encoding="utf-8"))
            with np.load(model_dir / WEIGHTS, allow_pickle=False) as arrays:
                parts = {name: np.asarray(arrays[name], np.float32) for name in arrays.files}
        except FileNotFoundError:
            raise ClassifierUnavailable("no classifier is trained: run `python -m bot train`") from None
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise ClassifierUnavailable(f"the classifier's files are broken: {type(error).__name__}") from error
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
        width = DIMENSIONS + BUCKETS
        if self.card.get("version") != VERSION or self.tier_weights.shape != (len(HEADS), width):
            raise ValueError("weights")
        if self.category_weights.shape != (len(self.card["categories"]), width):
            raise ValueError("category weights")
        if len(self.examples) != len(self.card["examples"]) or self.examples.shape[1:] != (DIMENSIONS,):
            raise ValueError("examples")
        if not all(np.isfinite(part).all() for part in (self.tier_weights, self.category_weights)):
            raise ValueError("weights that are no numbers")
        self.embedder.encode(["hello"])

    def read(self, words: Words) -> Opinion | None:
        """Return the most urgent opinion over all segments of a message, None for no words."""
        parts = segments(words)
        if len(parts) > MOST_CHEAP:
            parts = [*parts[:MOST_CHEAP // 2], *parts[-MOST_CHEAP // 2:]]
        distinct = {part.text(words): part for part in parts}
        distinct.pop("", None)
        if not distinct:
            return None
        parts, texts = list(distinct.values()), list(distinct)
        letters = [hashed(text) for text in texts]
        if len(parts) > MOST_SEGMENTS:
            # The embedding is the slow part: let the cheap half of the features pick for it.
            cheap = [self._urgency(np.zeros(DIMENSIONS, np.float32), one)["check_in"] for one in letters]
            keep = sorted(sorted(range(len(parts)), key=lambda i: -cheap[i])[:MOST_SEGMENTS])
            parts, texts, letters = [parts[i] for i in keep], [texts[i] for i in keep], [letters[i] for i in keep]
        vectors = self.embedder.encode(texts)
        opinions = [self._opinion(part, vector, one) for part, vector, one in zip(parts, vectors, letters)]
        return max(opinions, key=lambda opinion: (opinion.tier.rank, opinion.score))

    def probabilities(self, text: str) -> dict[str, float]:
        """Return each head's probability for a plain text, for measuring."""
        return self._urgency(self.embedder.encode([text])[0], hashed(text))

    def _opinion(self, part: Segment, vector: Vector, letters: tuple[Any, Any]) -> Opinion:
        tier, score = self._decide(self._urgency(vector, letters))
        category = Category.NONE
        nearest = {"name": "none", "subject": "self"}
        if tier > Tier.NONE:
            scores = _linear(self.category_weights, self.category_bias, vector, letters)
            scores[self.card["categories"].index("none")] = -np.inf
            category = Category(self.card["categories"][int(np.argmax(scores))])
            nearest = self.card["examples"][int(np.argmax(self.examples @ vector))]
        return Opinion(tier, category, Subject(nearest["subject"]), score, f"like {nearest['name']}",
                       part.first, part.last)

    def _urgency(self, vector: Vector, letters: tuple[Any, Any]) -> dict[str, float]:
        scores = _linear(self.tier_weights, self.tier_bias, vector, letters)
        return dict(zip(HEADS, map(float, 1 / (1 + np.exp(-scores.clip(-30, 30))))))

    def _decide(self, p: dict[str, float]) -> tuple[Tier, float]:
        """Return the tier that the probabilities are worth; doubt about danger becomes `check_in`."""
        limits = self.card["thresholds"]
        if p["emergency"] >= limits["emergency"] and p["crisis"] >= limits["crisis"]:
            return Tier.EMERGENCY, p["emergency"]
        if p["crisis"] >= limits["crisis"]:
            return Tier.CRISIS, p["crisis"]
        if p["check_in"] >= limits["check_in"] or p["crisis"] >= limits["doubt"]:
            return Tier.CHECK_IN, max(p["check_in"], p["crisis"])
        # `info` is the lexicon's to say: an alarming word is there or it is not.
        return Tier.NONE, 1 - p["check_in"]


def _linear(weights: Vector, bias: Vector, vector: Vector, letters: tuple[Any, Any]) -> Vector:
    buckets, values = letters
    result: Vector = weights[:, :DIMENSIONS] @ vector + weights[:, DIMENSIONS + buckets] @ values + bias
    return result

