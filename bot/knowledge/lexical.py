"""Words as vectors: hashed words, word pairs and letter runs, weighted by how rare they are."""

from __future__ import annotations

import zlib
from collections import Counter
from functools import lru_cache
from typing import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix, csr_matrix

from .text import pieces

BUCKETS = 2**17

Floats = npt.NDArray[np.float32]


@lru_cache(maxsize=65536)
def _bucket(piece: str) -> int:
    return zlib.crc32(piece.encode("utf-8", "replace")) % BUCKETS


def counts(texts: Sequence[str]) -> csr_matrix:
    """Return damped feature counts of expanded texts, shape (len(texts), BUCKETS)."""
    data: list[float] = []
    indices: list[int] = []
    starts = [0]
    for text in texts:
        found = Counter(_bucket(piece) for piece in pieces(text))
        indices += found.keys()
        data += (1.0 + np.log(list(found.values()))).tolist() if found else []
        starts.append(len(indices))
    return csr_matrix((np.array(data, np.float32), np.array(indices, np.int32), np.array(starts, np.int32)),
                      shape=(len(texts), BUCKETS))


def rarity(rows: csr_matrix) -> Floats:
    """Return the weight of each bucket: high for what few texts hold, shape (BUCKETS,)."""
    seen = np.bincount(rows.indices, minlength=BUCKETS)
    weights: Floats = (np.log((1 + rows.shape[0]) / (1 + seen)) + 1).astype(np.float32)
    return weights


def weigh(rows: csr_matrix, weights: Floats) -> csr_matrix:
    """Return the rows weighted by rarity and scaled to unit length; an empty row stays empty."""
    out = rows.copy()
    out.data = out.data * weights[out.indices]
    lengths = np.sqrt(np.add.reduceat(np.append(out.data**2, 0.0), out.indptr[:-1]))
    lengths[np.diff(out.indptr) == 0] = 1.0
    out.data = (out.data / np.repeat(lengths, np.diff(out.indptr))).astype(np.float32)
    return out


def similarity(rows: csr_matrix, query: csr_matrix) -> Floats:
    """Return the cosine of each row with the one query row, shape (rows,)."""
    dense = np.zeros(BUCKETS, np.float32)
    dense[query.indices] = query.data
    result: Floats = np.asarray(rows @ dense, np.float32)
    return result


def by_piece(columns: csc_matrix, query: csr_matrix) -> Floats:
    """Return what `similarity` does, from the same rows kept by column: only those that share a piece are read."""
    starts = columns.indptr
    spans = [slice(starts[piece], starts[piece + 1]) for piece in query.indices]
    if not spans:
        return np.zeros(columns.shape[0], np.float32)
    shared = np.concatenate([columns.indices[span] for span in spans])
    products = np.concatenate([columns.data[span] * value for span, value in zip(spans, query.data)])
    return np.bincount(shared, products, columns.shape[0]).astype(np.float32)
