"""What a short answer after a crisis reply does: yes, no, "I'm fine", "don't tell anyone", back to business."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Mapping, Sequence

import yaml

from .entries import BadLexicon, read_sets, read_spelling
from .lexicon import read_patterns
from .matching import PatternIndex
from .normalise import Normaliser
from .words import Speller

CONTEXT = Path(__file__).resolve().parents[2] / "data" / "screening" / "lexicon" / "context"


class Moves:
    """Reads what an answer does, by the patterns of `moves.yml`."""

    def __init__(self, directory: Path) -> None:
        spelling = read_spelling(directory / "spelling.yml")
        words = {written: tuple(meant.split()) for written, meant in spelling.words.items()}
        body = yaml.safe_load((directory / "moves.yml").read_text(encoding="utf-8"))["moves"]
        sets = read_sets(directory / "sets.yml")
        self.examples: Mapping[str, Sequence[str]] = {name: move["examples"] for name, move in body.items()}
        self._index: PatternIndex[str] = PatternIndex(
            [(name, read_patterns(name, move["patterns"], sets, words)) for name, move in body.items()])
        self._normaliser = Normaliser(
            Speller(self._index.words, words, spelling),
            {tuple(written.split()): tuple(meant.split()) for written, meant in spelling.phrases.items()})
        self._order = list(body)

    def read(self, text: str) -> frozenset[str]:
        """Return every move that `text` makes; at most the first 400 characters count."""
        found = {match.owner for match in self._index.find(self._normaliser.read(text[:400]).words)}
        return frozenset(found)


@lru_cache(maxsize=4)
def load_moves(directory: Path = CONTEXT) -> Moves:
    """Return the moves of `directory`, read once; raises `BadLexicon`."""
    try:
        return Moves(directory)
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise BadLexicon(f"{directory / 'moves.yml'}: {error}") from error
