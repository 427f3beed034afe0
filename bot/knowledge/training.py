"""Fits the matcher on the entries' own phrasings, each judged as if it were not known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from .matcher import CANDIDATES, RIDGE, WORDS_SHARE, Fit, Floats, entry_features, kernel, lead

FEATURES = 6
EXAMPLES = 1000
ROWS = 512


def fit(starts: npt.NDArray[np.int64], vectors: Floats, rows: csr_matrix,
        unanswered: tuple[Floats, csr_matrix] | None = None) -> Fit:
    """Return the fitted weights for phrasings sorted by entry.

    `unanswered` are vectors and words of questions that no entry answers: what to stay silent on.
    """
    count, entries = len(vectors), len(starts)
    owner = np.repeat(np.arange(entries), np.diff(np.append(starts, count)))
    wanted = (owner[:, None] == np.arange(entries)[None, :]).astype(np.float32)
    # A sample is enough for seven numbers.
    sample = np.arange(0, count, max(1, count // EXAMPLES))
    alpha, own = _solve(_kernel(vectors, rows), wanted, sample)
    # Leave-one-out in closed form: what the ridge would say of a phrasing it had not seen.
    unseen = wanted[sample] - alpha[sample] / own[:, None]
    features, right = _examples(starts, owner, sample, *_compared(vectors[sample], rows[sample], vectors, rows), unseen)
    if unanswered is not None and unanswered[0].shape[0]:
        silent = _silent(starts, vectors, rows, alpha, unanswered)
        features, right = np.concatenate([features, silent]), np.append(right, np.zeros(len(silent), np.bool_))
    weights, bias = _logistic(features, right)
    return Fit(alpha, weights, bias)


def _compared(vectors: Floats, rows: csr_matrix, all_vectors: Floats, all_rows: csr_matrix) -> tuple[Floats, Floats]:
    """Return how near in meaning and how alike in words each of some texts is to each of all."""
    return (np.asarray(vectors @ all_vectors.T, np.float32), np.asarray((rows @ all_rows.T).todense(), np.float32))


def _kernel(vectors: Floats, rows: csr_matrix) -> Floats:
    """Return how alike the phrasings are, each with each; some rows at a time, since fresh memory is slow."""
    whole = np.empty((len(vectors), len(vectors)), np.float32)
    for start in range(0, len(vectors), ROWS):
        some = slice(start, start + ROWS)
        whole[some] = kernel(*_compared(vectors[some], rows[some], vectors, rows))
    return whole


def _solve(matrix: Floats, wanted: Floats, sample: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the weights for the kernel with its ridge, and the sampled places of the diagonal of its inverse.

    By Cholesky, without the inverse itself, which is three times the work: with K = LL', the place i of its
    diagonal is the squared length of the column i of the inverse of L.
    """
    from scipy.linalg import LinAlgError, cho_solve, cholesky, solve_triangular

    matrix[np.diag_indices_from(matrix)] += RIDGE
    try:
        factor = cholesky(matrix.T, lower=True, overwrite_a=True, check_finite=False)
    except LinAlgError as error:
        raise ArithmeticError("the kernel of the phrasings is not positive definite") from error
    chosen = np.zeros((len(matrix), len(sample)), np.float32)
    chosen[sample, np.arange(len(sample))] = 1.0
    columns = solve_triangular(factor, chosen, lower=True, overwrite_b=True, check_finite=False)
    return cho_solve((factor, True), wanted, check_finite=False), (columns * columns).sum(axis=0)


def _silent(starts: npt.NDArray[np.int64], vectors: Floats, rows: csr_matrix, alpha: Floats,
            unanswered: tuple[Floats, csr_matrix]) -> Floats:
    """Return the features of the likeliest entries of each question that none of them answers."""
    near, alike = _compared(*unanswered, vectors, rows)
    kept = []
    for close, worded in zip(near, alike):
        features = entry_features(close, worded, kernel(close, worded) @ alpha, starts)
        kept.append(features[np.argsort(features[:, 3])[-CANDIDATES:]])
    return np.concatenate(kept)


def _examples(
    starts: npt.NDArray[np.int64], owner: npt.NDArray[np.int64], sample: npt.NDArray[np.int64], near: Floats,
    alike: Floats, unseen: Floats,
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    rows: list[Floats] = []
    right: list[npt.NDArray[np.bool_]] = []
    for i, close, worded, said in zip(sample, near, alike, unseen):
        close[i] = worded[i] = 0.0
        features = entry_features(close, worded, said, starts)
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
