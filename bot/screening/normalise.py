"""A message to plain words, each with its place in the original text."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Iterator, Sequence

from .fold import Folded, fold
from .words import BREAK, Speller

_CHUNK = re.compile(r"\S+")
_NEWLINE = re.compile(r"\n")
_LONE = re.compile(r"[^\s]\Z")
_WANT_BEFORE_TO = frozenset("want going need have got try trying tried ready about wish like how way used plan "
                            "planning wanted decided love hate able time someone someones talk go".split())
_AFTER_I = frozenset("want wanna am feel need wish can cannot hate will do have just took cut tried might".split())
_PHRASE = 3
_ROW_TRIES = 4


@dataclass(frozen=True)
class Words:
    """The words of a message; word i covers `starts[i]` to `ends[i]` of the original text."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.words)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the place in the original of words `first` up to but not including `last`."""
        covered = [i for i in range(first, min(last, len(self.words))) if self.ends[i] > self.starts[i]]
        if not covered:
            return (0, 0)
        return self.starts[covered[0]], self.ends[covered[-1]]

    def slice(self, first: int, last: int) -> Words:
        """Return a part of the message; places still refer to the original."""
        return Words(self.words[first:last], self.starts[first:last], self.ends[first:last])


class Normaliser:
    """Turns any text into `Words`; `phrases` are words that are written as two or three."""

    def __init__(self, speller: Speller, phrases: dict[tuple[str, ...], tuple[str, ...]] | None = None) -> None:
        self._speller = speller
        self._phrases = phrases or {}
        self._phrase_starts = {phrase[0] for phrase in self._phrases}

    def read(self, text: str) -> Words:
        """Return the plain words of `text`, sentence ends as `.`; never raises."""
        folded = fold(text)
        found = list(self._to(self._phrased(list(self._pieces(folded)))))
        starts = [folded.at(start) for _, start, _ in found]
        ends = [folded.at(end - 1) + 1 if end > start else folded.at(start) for _, start, end in found]
        return Words(tuple(word for word, _, _ in found), tuple(starts), tuple(ends))

    def _pieces(self, folded: Folded) -> Iterator[tuple[str, int, int]]:
        text = folded.text
        lines = [match.start() for match in _NEWLINE.finditer(text)]
        chunks = [(match.group(), match.start()) for match in _CHUNK.finditer(text)]
        index, tried = 0, 0
        while index < len(chunks):
            chunk, place = chunks[index]
            if index and lines and bisect_left(lines, place) > bisect_left(lines, chunks[index - 1][1]):
                yield BREAK, place, place + 1
            # A long row of single letters that is no word must not be tried from each of its letters.
            tried = tried + 1 if _lone(chunk) else 0
            apart = self._letters_apart(chunks, index) if 0 < tried <= _ROW_TRIES else None
            if apart:
                words, used = apart
                end = chunks[index + used - 1][1] + len(chunks[index + used - 1][0])
                yield from ((word, place, end) for word in words)
                index, tried = index + used, 0
                continue
            for word, start, end in self._speller.read(chunk):
                yield word, place + start, place + end
            index += 1

    def _letters_apart(self, chunks: Sequence[tuple[str, int]], first: int) -> tuple[tuple[str, ...], int] | None:
        """Return the words of a run of single letters (`k i l l`) and how many chunks it takes."""
        last = first
        while last < len(chunks) and last - first < 60 and _lone(chunks[last][0]):
            last += 1
        for stop in range(last, max(first + 2, last - 2), -1):
            if stop - first < 3:
                break
            words = self._speller.joined("".join(_bare(chunk) for chunk, _ in chunks[first:stop]))
            if words and (len(words) > 1 or len(words[0]) > 2):
                return words, stop - first
        return None

    def _phrased(self, pieces: list[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
        index = 0
        while index < len(pieces):
            for length in range(_PHRASE, 1, -1) if pieces[index][0] in self._phrase_starts else ():
                part = tuple(piece[0] for piece in pieces[index:index + length])
                meant = self._phrases.get(part)
                if meant and len(part) == length:
                    start, end = pieces[index][1], pieces[index + length - 1][2]
                    yield from ((word, start, end) for word in meant)
                    index += length
                    break
            else:
                yield pieces[index]
                index += 1

    def _to(self, pieces: Iterator[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
        """Read `2` after `want` and its like as `to`, and `1` before them as `i`."""
        held: tuple[str, int, int] | None = None
        before = ""
        for word, start, end in pieces:
            if held:
                before = "i" if word in _AFTER_I else "1"
                yield before, held[1], held[2]
                held = None
            if word == "1":
                held = (word, start, end)
                continue
            word = "to" if word == "2" and before in _WANT_BEFORE_TO else word
            before = word
            yield word, start, end
        if held:
            yield held


def _lone(chunk: str) -> bool:
    return (len(chunk) == 1 and (chunk.isalnum() or chunk in "@$!*")) or (
        len(chunk) == 2 and chunk[0].isalpha() and chunk[1] in ".,-_")


def _bare(chunk: str) -> str:
    return chunk[0]
