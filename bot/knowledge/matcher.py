"""Which entry does a question mean? Meaning and words together, turned into a probability.

Every phrasing is compared with the question twice: by embedding and by words. A kernel ridge
over both likenesses learns which phrasings tell entries apart; four plain features and its
verdict are weighed by a small logistic layer. All of it is fitted at `bot train`, in closed form
or on a few thousand rows, and runs as a few NumPy products.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix, csr_matrix

from .lexical import by_piece

Floats = npt.NDArray[np.float32]

WORDS_SHARE = 0.4
RIDGE = 0.5
SHARPNESS = 3.0
TOP = 3
CANDIDATES = 12


@dataclass(frozen=True)
class Fit:
    """What training learns: ridge weights (phrasings, entries) and the logistic layer."""

    alpha: Floats
    weights: Floats
    bias: float


@dataclass(frozen=True)
class Matcher:
    """Phrasings sorted by entry, with their vectors, words and fitted weights."""

    starts: npt.NDArray[np.int64]
    vectors: Floats
    rows: csr_matrix
    fit: Fit

    def probabilities(self, vector: Floats, words: csr_matrix) -> Floats:
        """Return for each entry how likely it is what the question means, shape (entries,)."""
        near = self.vectors @ vector
        alike = by_piece(self._columns, words)
        ridge = kernel(near, alike) @ self.fit.alpha
        features = entry_features(near, alike, ridge, self.starts)
        result: Floats = 1.0 / (1.0 + np.exp(-(features @ self.fit.weights + self.fit.bias)))
        return result

    @cached_property
    def _columns(self) -> csc_matrix:
        return self.rows.tocsc()


def kernel(near: Floats, alike: Floats) -> Floats:
    """Return how alike texts are: close in meaning counts for much more than half as close."""
    result: Floats = np.exp(SHARPNESS * (near - 1.0)) + WORDS_SHARE * alike
    return result


def entry_features(near: Floats, alike: Floats, ridge: Floats, starts: npt.NDArray[np.int64]) -> Floats:
    """Return the features of each entry, shape (entries, 6): how near, how far ahead of the rest."""
    best = np.maximum.reduceat(near, starts)
    worded = np.maximum.reduceat(alike, starts)
    mean = top_mean(near, starts)
    blend = best + WORDS_SHARE * worded
    features: Floats = np.stack([best, mean, worded, ridge, lead(ridge), lead(blend)], axis=1)
    return features


def top_mean(near: Floats, starts: npt.NDArray[np.int64]) -> Floats:
    """Return for each entry the mean of its three nearest phrasings."""
    sizes = np.diff(np.append(starts, len(near)))
    square = np.full((len(starts), int(sizes.max())), -1.0, np.float32)
    square[np.arange(square.shape[1]) < sizes[:, None]] = near
    nearest: Floats = np.sort(square, axis=1)[:, -TOP:].mean(axis=1)
    return nearest


def lead(values: Floats) -> Floats:
    """Return how far each value is ahead of the best of the others; negative when behind."""
    if len(values) < 2:
        return np.zeros_like(values)
    order = np.argsort(values)
    first, second = order[-1], order[-2]
    ahead: Floats = values - values[first]
    ahead[first] = values[first] - values[second]
    return ahead
