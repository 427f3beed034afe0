"""Kernel ridge regression: a text is judged by the labels of all training texts, the most alike counting most.

Alike in meaning (cosine of the embeddings, sharpened) and alike in words and letters (cosine of
weighed n-grams). On authors it had not seen it caught half as many again as a linear classifier
over the same features, at the same share of false alarms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .features import Vector

SHARPNESS = 4.0
LETTERS_SHARE = 0.6
RIDGE = 0.5
# Directions of the embedding that are compared: reading all 384 of every example is what a message waits for.
KEPT = 160
_TOLERANCE = 0.01
_MOST_STEPS = 100
_LANDMARKS = 500
_ROWS = 1024


def likeness(near: Vector) -> Vector:
    """Return how much texts of these cosines say about each other, from 0.0003 to 1."""
    result: Vector = np.subtract(near, 1.0, dtype=np.float32)
    result *= SHARPNESS  # in place: in training this is a matrix of hundreds of megabytes
    return np.exp(result, out=result)


def directions(vectors: Vector) -> Vector:
    """Return the directions in which these texts differ most, as columns, shape (DIMENSIONS, KEPT)."""
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    result: Vector = axes[:, ::-1][:, :KEPT].astype(np.float32)
    return result


def solve(vectors: Vector, letters: Any, targets: Vector) -> Vector:
    """Return the weight of each training text (n) for each target (columns), shape of `targets`.

    Solved by conjugate gradients: a dozen products with the kernel instead of a factorisation
    that grows with the third power. `letters` is a sparse matrix with a row a text.
    """
    kernel = _half(vectors)
    across = letters.T.tocsr()

    def times(x: Vector) -> Vector:
        product: Vector = _product(kernel, x) + LETTERS_SHARE * (letters @ (across @ x)) + RIDGE * x
        return product

    eased = _preconditioner(vectors, letters)
    weights = np.zeros_like(targets)
    rest = targets.copy()
    step = eased(rest)
    size, start = (rest * step).sum(axis=0), (targets * targets).sum(axis=0)
    for _ in range(_MOST_STEPS):
        along = times(step)
        length = size / np.maximum((step * along).sum(axis=0), 1e-12)
        weights += length * step
        rest -= length * along
        if ((rest * rest).sum(axis=0) <= _TOLERANCE ** 2 * start).all():
            break
        direction = eased(rest)
        smaller = (rest * direction).sum(axis=0)
        step = direction + smaller / np.maximum(size, 1e-12) * step
        size = smaller
    return weights


def _half(vectors: Vector) -> list[Vector]:
    """Return the likeness of each text to itself and all after it, some rows at a time.

    The kernel is its own mirror image: half of it takes half the memory, and most of the time went into filling that.
    """
    return [likeness(vectors[start:start + _ROWS] @ vectors[start:].T) for start in range(0, len(vectors), _ROWS)]


def _product(kernel: Sequence[Vector], x: Vector) -> Vector:
    """Return the product of the whole kernel with some columns, shape of `x`.

    Columns lie as rows here: so the large matrix is read without being copied, in half the time.
    """
    given = np.ascontiguousarray(x.T)
    result = np.zeros_like(given)
    start = 0
    for rows in kernel:
        stop = start + len(rows)
        result[:, start:stop] += given[:, start:] @ rows.T
        result[:, stop:] += given[:, start:stop] @ rows[:, len(rows):]
        start = stop
    return np.ascontiguousarray(result.T)


def _preconditioner(vectors: Vector, letters: Any) -> Callable[[Vector], Vector]:
    """Return about what the inverse of the kernel does, known from some of its columns.

    Nyström preconditioning (Frangella, Tropp and Udell 2023): a quarter of the steps.
    """
    some = np.random.default_rng(1).choice(len(vectors), min(_LANDMARKS, len(vectors)), replace=False)
    columns = likeness(vectors @ vectors[some].T) + LETTERS_SHARE * (letters @ letters[some].T).toarray()
    among = np.linalg.cholesky(columns[some].astype(np.float64) + 1e-4 * np.eye(len(some)))
    spread = np.linalg.solve(among, columns.T.astype(np.float64)).T
    sizes, axes = np.linalg.eigh(spread.T @ spread)
    kept = sizes > 1e-6
    sizes, basis = sizes[kept], (spread @ axes[:, kept] / np.sqrt(sizes[kept])).astype(np.float32)
    shrink = ((sizes[0] + RIDGE) / (sizes + RIDGE) - 1).astype(np.float32)[:, None]

    def eased(x: Vector) -> Vector:
        result: Vector = x + basis @ (shrink * (basis.T @ x))
        return result

    return eased
