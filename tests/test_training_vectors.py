"""The vectors that training keeps: computed once, and not lost to another training that writes at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot import embedding
from bot.embedding import DIMENSIONS, TrainingEmbedder, Vectors


class Counting:
    """Stands for the model: what a text's vector is does not matter here, how often it is asked does."""

    asked: list[str] = []

    def __init__(self, cache_dir: Path, **settings: Any) -> None:
        pass

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return np.stack([np.full(DIMENSIONS, len(text), np.float32) for text in texts])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(embedding, "MiniLM", Counting)
    monkeypatch.setattr(Counting, "asked", [])
    return tmp_path


def test_a_text_is_embedded_once_over_all_trainings(folder: Path) -> None:
    first = TrainingEmbedder(folder)
    assert first.encode(["one", "three"])[:, 0].tolist() == [3, 5]
    first.encode(["One ", "three"])  # the model knows no capitals and no runs of blanks
    first.save()
    assert TrainingEmbedder(folder).encode(["three", "seventeen"])[:, 0].tolist() == [5, 9]
    assert Counting.asked == ["one", "three", "seventeen"]


def test_two_trainings_at_once_keep_what_both_computed(folder: Path) -> None:
    one, other = TrainingEmbedder(folder), TrainingEmbedder(folder)
    one.encode(["a"])
    other.encode(["bb"])
    one.save()
    other.save()
    Counting.asked.clear()
    assert TrainingEmbedder(folder).encode(["a", "bb"])[:, 0].tolist() == [1, 2]
    assert Counting.asked == []


def test_a_broken_file_costs_the_vectors_and_nothing_else(folder: Path) -> None:
    kept = TrainingEmbedder(folder)
    kept.encode(["a"])
    kept.save()
    next(folder.glob("vectors-*.npz")).write_bytes(b"PK broken")
    assert TrainingEmbedder(folder).encode(["a"])[:, 0].tolist() == [1]
