"""Fits the matcher on the entries' own phrasings, each judged as if it were not known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from .matcher import CANDIDATES, RIDGE, WORDS_SHARE, Fit, Floats, entry_features, kernel, lead

FEATURES = 6
EXAMPLES = 1000


def fit(starts: npt.NDArray[np.int64], vectors: Floats, rows: csr_matrix,
        unanswered: tuple[Floats, csr_matrix] | None = None) -> Fit:
    """Return the fitted weights for phrasings sorted by entry.

    `unanswered` are vectors and words of questions that no entry answers: what to stay silent on.
    """
    count, entries = len(vectors), len(starts)
    owner = np.repeat(np.arange(entries), np.diff(np.append(starts, count)))
    near = np.asarray(vectors @ vectors.T, np.float32)
    alike = np.asarray((rows @ rows.T).todense(), np.float32)
    wanted = (owner[:, None] == np.arange(entries)[None, :]).astype(np.float32)
    inverse = _inverse(kernel(near, alike))
    alpha: Floats = inverse @ wanted
    # Leave-one-out in closed form: what the ridge would say of a phrasing it had not seen.
    unseen = wanted - alpha / np.diag(inverse)[:, None]
    features, right = _examples(starts, owner, near, alike, unseen)
    if unanswered is not None and unanswered[0].shape[0]:
        silent = _silent(starts, vectors, rows, alpha, unanswered)
        features, right = np.concatenate([features, silent]), np.append(right, np.zeros(len(silent), np.bool_))
    weights, bias = _logistic(features, right)
    return Fit(alpha, weights, bias)


def _inverse(matrix: Floats) -> Floats:
    """Return the inverse of the kernel with its ridge; by Cholesky, a third of the work of a general one."""
    from scipy.linalg import lapack

    matrix[np.diag_indices_from(matrix)] += RIDGE
    factor, failed = lapack.spotrf(matrix, lower=True, overwrite_a=True)
    inverse, failed_again = lapack.spotri(factor, lower=True, overwrite_c=True)
    if failed or failed_again:
        raise ArithmeticError("the kernel of the phrasings is not positive definite")
    result: Floats = np.tril(inverse) + np.tril(inverse, -1).T
    return result


def _silent(starts: npt.NDArray[np.int64], vectors: Floats, rows: csr_matrix, alpha: Floats,
            unanswered: tuple[Floats, csr_matrix]) -> Floats:
    """Return the features of the likeliest entries of each question that none of them answers."""
    near = np.asarray(unanswered[0] @ vectors.T, np.float32)
    alike = np.asarray((unanswered[1] @ rows.T).todense(), np.float32)
    kept = []
    for close, worded in zip(near, alike):
        features = entry_features(close, worded, kernel(close, worded) @ alpha, starts)
        kept.append(features[np.argsort(features[:, 3])[-CANDIDATES:]])
    return np.concatenate(kept)


def _examples(
    starts: npt.NDArray[np.int64], owner: npt.NDArray[np.int64], near: Floats, alike: Floats,
    unseen: Floats,
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    rows: list[Floats] = []
    right: list[npt.NDArray[np.bool_]] = []
    # A sample is enough for seven numbers.
    for i in range(0, len(owner), max(1, len(owner) // EXAMPLES)):
        close, worded = near[i].copy(), alike[i].copy()
        close[i] = worded[i] = 0.0
        features = entry_features(close, worded, unseen[i], starts)
        chosen = np.argsort(features[:, 3])[-CANDIDATES:]
        rows.append(features[chosen])
        right.append(chosen == owner[i])
        # The same phrasing with its own entry gone: nothing left is right.
        others = np.delete(np.arange(len(starts)), owner[i])
        if len(others) > CANDIDATES:
            rows.append(_without(features, others))
            right.append(np.zeros(CANDIDATES, np.bool_))
    return np.concatenate(rows), np.concatenate(right)


def _without(features: Floats, others: npt.NDArray[np.int64]) -> Floats:
    kept = features[others].copy()
    kept[:, 4] = lead(kept[:, 3])
    kept[:, 5] = lead(kept[:, 0] + WORDS_SHARE * kept[:, 2])
    chosen: Floats = kept[np.argsort(kept[:, 3])[-CANDIDATES:]]
    return chosen


def _logistic(features: Floats, right: npt.NDArray[np.bool_]) -> tuple[Floats, float]:
    if right.all() or not right.any():
        return np.ones(FEATURES, np.float32), -2.0
    from sklearn.linear_model import LogisticRegression

    layer = LogisticRegression(C=10.0, max_iter=1000).fit(features, right)
    return layer.coef_[0].astype(np.float32), float(layer.intercept_[0])
