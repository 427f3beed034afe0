"""The list of sentences that are never shown."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Sequence

from .files import read_yaml
from .text import plain


def read_denied(path: Path) -> list[str]:
    """Return every denied sentence and clause, in plain letters; raises `KnowledgeError`."""
    out: list[str] = []
    for row in read_yaml(path).get("deny") or ():
        out += [plain(str(row["quote"])), plain(str(row["sentence"]))]
    return list(dict.fromkeys(out))


def holds_denied(text: str, denied: Sequence[str]) -> bool:
    """Return whether the text holds a denied sentence or clause, however it is quoted or cased."""
    return _holds(text, tuple(denied))


@lru_cache(maxsize=4096)
def _holds(text: str, denied: tuple[str, ...]) -> bool:  # the same few hundred texts, over and over
    folded = plain(text).lower()
    return any(part.lower() in folded for part in denied)
