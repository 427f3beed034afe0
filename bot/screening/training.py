"""Trains the classifier on our own examples; the same examples give the same file, byte for byte."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import numpy as np

from bot.embedding import DIMENSIONS, WEIGHTS_SHA256, Embedder

from .classifier import CARD, HEADS, VERSION, WEIGHTS
from .examples import Example, read_examples
from .features import BUCKETS, hashed
from .lexicon import Lexicon
from .segments import Segment
from .verdict import Category, Tier

# Set by cross-validation on our own examples: there the crisis limit alone alarms about one harmless message in
# eighty, the check_in limit one in fifteen. On public support and counselling talk it is several times as many,
# so the safety card is what counts.
THRESHOLDS = {"emergency": 0.85, "crisis": 0.9, "doubt": 0.72, "check_in": 0.83, "info": 0.6}
_STRENGTH = 4.0


@dataclass(frozen=True)
class TrainingReport:
    """What was trained on, and how long it took to fit."""

    examples: int
    tiers: dict[str, int]
    fingerprint: str


def train_screen(data_dir: Path, model_dir: Path, embedder: Embedder) -> TrainingReport:
    """Fit the classifier on `data_dir/examples` and write it to `model_dir`; raises `BadExamples`."""
    examples = read_examples(data_dir / "examples")
    features, vectors = featurise(plain_texts(data_dir, examples), embedder)
    weights = fit(features, examples)
    card = _card(data_dir, examples)
    model_dir.mkdir(parents=True, exist_ok=True)
    arrays = {**weights, "examples": vectors.astype(np.float16)}
    with (model_dir / (WEIGHTS + ".new")).open("wb") as file:
        np.savez(file, **arrays)
    (model_dir / (WEIGHTS + ".new")).replace(model_dir / WEIGHTS)
    (model_dir / CARD).write_text(json.dumps(card, ensure_ascii=True, indent=1, sort_keys=True), encoding="utf-8")
    return TrainingReport(len(examples), card["counts"], card["fingerprint"])


def is_fresh(data_dir: Path, model_dir: Path) -> bool:
    """Return whether the classifier in `model_dir` was trained on what `data_dir` holds now."""
    try:
        card = json.loads((model_dir / CARD).read_text(encoding="utf-8"))
        return (model_dir / WEIGHTS).is_file() and card["fingerprint"] == fingerprint(data_dir)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def fingerprint(data_dir: Path) -> str:
    """Return a SHA-256 over everything that the classifier is made from."""
    digest = hashlib.sha256(f"{VERSION} {WEIGHTS_SHA256} {_STRENGTH} {THRESHOLDS}".encode())
    parts = [*sorted((data_dir / "examples").glob("*.yml")),
             *(data_dir / "lexicon" / "context" / f"{name}.yml" for name in ("real_words", "sets", "spelling")),
             *sorted((data_dir / "lexicon").glob("*.yml")),
             *(Path(__file__).with_name(name) for name in ("features.py", "normalise.py", "training.py", "words.py"))]
    for path in parts:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def plain_texts(data_dir: Path, examples: Sequence[Example]) -> list[str]:
    """Return each example as the classifier will see it: the words that were meant."""
    lexicon = Lexicon(data_dir / "lexicon")
    return [plain(lexicon, example.text) for example in examples]


def plain(lexicon: Lexicon, text: str) -> str:
    """Return the plain words of a text."""
    words = lexicon.normaliser.read(text)
    return Segment(0, len(words)).text(words)


def featurise(texts: Sequence[str], embedder: Embedder) -> tuple[Any, Any]:
    """Return a sparse feature matrix (n, width) and the dense embeddings (n, DIMENSIONS)."""
    from scipy.sparse import csr_matrix, hstack

    vectors = embedder.encode(list(texts))
    grams = [hashed(text) for text in texts]
    rows = np.repeat(np.arange(len(grams)), [len(buckets) for buckets, _ in grams])
    buckets = np.concatenate([buckets for buckets, _ in grams])
    values = np.concatenate([values for _, values in grams])
    letters = csr_matrix((values, (rows, buckets)), shape=(len(grams), BUCKETS), dtype=np.float32)
    return hstack([csr_matrix(vectors), letters], format="csr"), vectors


def fit(features: Any, examples: Sequence[Example]) -> dict[str, Any]:
    """Return the weights and biases of all heads: three steps of urgency, the question, the categories."""
    steps = [_head(features, [_is(head, example.tier) for example in examples], head in ("info", "emergency"))
             for head in HEADS]
    about = [_head(features, [example.category.value == name for example in examples]) for name in _CATEGORIES]
    return {"tier_weights": np.stack([weights for weights, _ in steps]),
            "tier_bias": np.array([bias for _, bias in steps], np.float32),
            "category_weights": np.stack([weights for weights, _ in about]),
            "category_bias": np.array([bias for _, bias in about], np.float32)}


def _is(head: str, tier: Tier) -> bool:
    return tier is Tier.INFO if head == "info" else tier >= Tier(head)


def _head(features: Any, labels: Sequence[bool], balanced: bool = False) -> tuple[Any, float]:
    """Fit one yes-or-no question; liblinear's dual solver is fast on sparse rows and repeats itself exactly."""
    from sklearn.linear_model import LogisticRegression

    if len(set(labels)) < 2:
        # Nothing to learn from: never say yes.
        return np.zeros(DIMENSIONS + BUCKETS, np.float32), -30.0
    model = LogisticRegression(C=_STRENGTH, solver="liblinear", dual=True, max_iter=400, tol=1e-2, random_state=0,
                               class_weight="balanced" if balanced else None)
    model.fit(features, labels)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


_TIERS = [tier.value for tier in Tier]
_CATEGORIES = [category.value for category in Category]


def _card(data_dir: Path, examples: Sequence[Example]) -> dict[str, Any]:
    counts = {tier: sum(example.tier.value == tier for example in examples) for tier in _TIERS}
    return {"version": VERSION, "heads": list(HEADS), "categories": _CATEGORIES, "thresholds": THRESHOLDS,
            "fingerprint": fingerprint(data_dir), "counts": counts,
            "examples": [{"name": example.name, "subject": example.subject.value} for example in examples]}
