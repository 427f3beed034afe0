"""What the classifier sees of a text: its meaning (embedding) and its words and letters (hashed)."""

from __future__ import annotations

from typing import Any, Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

BUCKETS = 1 << 15
_WORDS = (1, 2, 3)
_LETTERS = (3, 4, 5)
Vector = npt.NDArray[np.float32]
Hashed = tuple[npt.NDArray[np.int64], Vector]


def hashed(text: str) -> Hashed:
    """Return buckets and weights of the word and letter n-grams of `text`, each group of length 1."""
    words = text.split()
    word_grams = [" ".join(words[i:i + n]) for n in _WORDS for i in range(len(words) - n + 1)]
    padded = f" {text} "
    letter_grams = [padded[i:i + n] for n in _LETTERS for i in range(len(padded) - n + 1)]
    parts = [_bucketed("w:", word_grams), _bucketed("c:", letter_grams)]
    return (np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))


def weighed(grams: Hashed, rarity: Vector) -> Hashed:
    """Return the n-grams weighed by how rare they are, of length 1 in all."""
    buckets, values = grams
    values = values * rarity[buckets]
    length = float(np.linalg.norm(values))
    return buckets, values / length if length else values


def rarity(rows: Sequence[Hashed]) -> Vector:
    """Return the weight of each bucket: high for what few texts hold, shape (BUCKETS,)."""
    seen = np.bincount(np.concatenate([buckets for buckets, _ in rows]), minlength=BUCKETS)
    weights: Vector = (np.log((1 + len(rows)) / (1 + seen)) + 1).astype(np.float32)
    return weights


def matrix(rows: Sequence[Hashed]) -> Any:
    """Return n-grams as a sparse matrix, shape (len(rows), BUCKETS)."""
    from scipy.sparse import csr_matrix

    places = np.repeat(np.arange(len(rows)), [len(buckets) for buckets, _ in rows])
    buckets = np.concatenate([buckets for buckets, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, (places, buckets)), shape=(len(rows), BUCKETS), dtype=np.float32)


def _bucketed(prefix: str, grams: list[str]) -> Hashed:
    if not grams:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    places = np.fromiter((crc32((prefix + gram).encode("utf-8", "replace")) % BUCKETS for gram in grams),
                         np.int64, len(grams))
    buckets, counts = np.unique(places, return_counts=True)
    weights = np.sqrt(counts.astype(np.float32))
    return buckets, weights / np.linalg.norm(weights)
