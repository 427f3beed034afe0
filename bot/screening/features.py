"""What the classifier sees of a text: its meaning (embedding) and its words and letters (hashed)."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import numpy.typing as npt

BUCKETS = 1 << 15
_WORDS = (1, 2, 3)
_LETTERS = (3, 4, 5)


def hashed(text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return buckets and weights of the word and letter n-grams of `text`, each group of length 1."""
    words = text.split()
    word_grams = [" ".join(words[i:i + n]) for n in _WORDS for i in range(len(words) - n + 1)]
    padded = f" {text} "
    letter_grams = [padded[i:i + n] for n in _LETTERS for i in range(len(padded) - n + 1)]
    parts = [_bucketed("w:", word_grams), _bucketed("c:", letter_grams)]
    return (np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))


def _bucketed(prefix: str, grams: list[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    if not grams:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    places = np.fromiter((crc32((prefix + gram).encode("utf-8", "replace")) % BUCKETS for gram in grams),
                         np.int64, len(grams))
    buckets, counts = np.unique(places, return_counts=True)
    weights = np.sqrt(counts.astype(np.float32))
    return buckets, weights / np.linalg.norm(weights)
