"""A message in parts: each sentence, each pair of neighbours, and the whole.

A long harmless message must not dilute one sentence that isn't.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from .normalise import Words
from .words import BREAK

LONGEST_SENTENCE = 40
LONGEST_WHOLE = 60


@dataclass(frozen=True)
class Segment:
    """Words `first` up to but not including `last`."""

    first: int
    last: int

    def text(self, words: Words) -> str:
        """Return the plain words of the segment, without sentence borders."""
        return " ".join(word for word in words.words[self.first:self.last] if word != BREAK)


def sentences(words: Words) -> list[Segment]:
    """Return the sentences; one without an end is cut into overlapping parts of 40 words."""
    borders = [-1, *(i for i, word in enumerate(words.words) if word == BREAK), len(words)]
    found: list[Segment] = []
    for before, after in zip(borders, borders[1:]):
        first = before + 1
        while after - first > LONGEST_SENTENCE:
            found.append(Segment(first, first + LONGEST_SENTENCE))
            first += LONGEST_SENTENCE - 12
        if after > first:
            found.append(Segment(first, after))
    return found


def segments(words: Words) -> list[Segment]:
    """Return sentences, joined neighbours and, unless it is long, the whole message."""
    single = sentences(words)
    pairs = [Segment(a.first, b.last) for a, b in zip(single, single[1:])
             if b.last - a.first <= LONGEST_WHOLE]
    whole = [Segment(0, len(words))] if len(single) > 2 and len(words) <= LONGEST_WHOLE else []
    return _distinct([*single, *pairs, *whole])


def _distinct(found: Sequence[Segment]) -> list[Segment]:
    return list(dict.fromkeys(found))
