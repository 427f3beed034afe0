"""One written chunk to the words that were meant: spelling, leet, stars, runs and typos.

A chunk is what stands between two spaces. What a chunk means does not depend on its neighbours,
so it is looked up once and kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import Iterable, Mapping

from .entries import Spelling

Piece = tuple[str, int, int]  # word, first and last+1 character within the chunk

BREAK = "."
_LEET = {"0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g",
         "@": "a", "$": "s", "!": "il", "|": "il", "+": "t", "(": "c", "€": "e", "£": "l", "*": "*",
         "#": "*", "%": "*", "_": "*", "-": "*", ".": "*", "^": "*", "?": "*", "x": "x"}
_WILD = set("*#%")
_PART = re.compile(r"[^\W_]+(?:['`][^\W_]+)*|[.!?;]+|[^\s\w]|_", re.UNICODE)
_LETTERS = re.compile(r"[a-z]+\Z")
_SEPARATED = re.compile(r"[a-z0-9@$!](?:[-_.*~/'\\,+=|:][a-z0-9@$!]){2,}[.!?,]*\Z")
_MAX_CHUNK = 64
_CACHE = 20_000
UNRANKED = 1000  # where a word of the lexicon stands that is not among the common ones


@dataclass
class Speller:
    """Knows the words that matter (`known`), how people shorten them, and which words are merely near.

    Of several words that a typing error may have been, the smallest slip and then the commonest word is
    taken, so that "diong" is not read as a rare word of the lexicon.
    """

    known: frozenset[str]
    spellings: Mapping[str, tuple[str, ...]]
    how: Spelling
    _cache: dict[str, tuple[Piece, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        known = [word for word in self.known if word.isascii() and word.isalpha()]
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(known, key=lambda w: (w not in self.how.starred, w in self.how.fillers, w)):
            self._by_length.setdefault(len(word), []).append(word)
        self._rank = {word: rank for rank, word in enumerate(self.how.common)}
        self._edits: dict[str, list[str]] = {}
        for word in {*known, *self.how.common}:
            if len(word) >= 4:
                for near in {word, *_deletions(word)}:
                    self._edits.setdefault(near, []).append(word)
        self._dictionary = self.known | self.how.fillers

    def read(self, chunk: str) -> tuple[Piece, ...]:
        """Return the words of one chunk, each with its place in the chunk."""
        found = self._cache.get(chunk)
        if found is None:
            found = tuple(self._read(chunk))
            if len(self._cache) >= _CACHE:
                self._cache.clear()
            self._cache[chunk] = found
        return found

    def _read(self, chunk: str) -> Iterable[Piece]:
        if _LETTERS.match(chunk):
            return [(word, 0, len(chunk)) for word in self.word(chunk)]
        if chunk in self.spellings:
            return [(word, 0, len(chunk)) for word in self.spellings[chunk]]
        if len(chunk) <= _MAX_CHUNK:
            hidden = self._hidden(chunk)
            if hidden:
                return hidden
        return self._split(chunk)

    def _split(self, chunk: str) -> list[Piece]:
        pieces: list[Piece] = []
        for match in _PART.finditer(chunk):
            part, start, end = match.group(), match.start(), match.end()
            if part[0] in ".!?;":
                pieces.append((BREAK, start, end))
            elif part[0].isalnum():
                pieces += [(word, start, end) for word in self.word(part)]
            elif not part.isascii():
                pieces.append((part, start, end))
        return pieces

    def word(self, written: str) -> tuple[str, ...]:
        """Return what one written word means, usually one word."""
        if len(written) > _MAX_CHUNK and not written.isalpha():
            return (written[:_MAX_CHUNK],)
        if written in self.spellings:
            return self.spellings[written]
        if written in self.known:
            return (written,)
        plain = written.replace("`", "'")
        if "'" in plain:
            return self._apostrophe(plain)
        for squeezed in _squeezed(written):
            if squeezed in self.spellings:
                return self.spellings[squeezed]
            if squeezed in self._dictionary:
                return (squeezed,)
        if not written.isalpha():
            return self._leet(written) or (written,)
        if written in self.how.innocent or written in self.how.fillers or written in self._rank:
            return (written,)
        return next((meant for form in (written, *_squeezed(written)) if (meant := self._meant(form))), (written,))

    def _apostrophe(self, written: str) -> tuple[str, ...]:
        if written in self.spellings:
            return self.spellings[written]
        bare = written.replace("'", "")
        if bare in self.spellings or bare in self.known:
            return self.spellings.get(bare, (bare,))
        return self.word(written.split("'")[0]) if written.split("'")[0] else (bare,)

    def _meant(self, written: str) -> tuple[str, ...]:
        """Return the word one edit away, or the words of a run without spaces, or nothing."""
        near = self._near(written)
        if near:
            return self.spellings.get(near, (near,))
        return self.run(written) if 6 <= len(written) <= _MAX_CHUNK else ()

    def _near(self, written: str) -> str | None:
        """Return the likeliest word that one slip of the finger makes `written`, or None."""
        if len(written) < 4:
            return None
        near = {word for form in (written, *_deletions(written)) for word in self._edits.get(form, ())}
        costs = [(cost, self._rank.get(word, UNRANKED), word) for word in near
                 if (cost := _slip(written, word)) is not None]
        return min(costs)[2] if costs else None

    def run(self, letters: str) -> tuple[str, ...]:
        """Return the words of letters that were run together, or nothing when they don't add up."""
        best: list[tuple[int, tuple[str, ...]] | None] = [(0, ())] + [None] * len(letters)
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - 14), end):
                before, word = best[start], letters[start:end]
                if before is None or word not in self._dictionary or (len(word) == 1 and word not in "iy"):
                    continue
                cost = before[0] + (8 if len(word) == 1 else 7 if len(word) == 2 else 6)
                if best[end] is None or cost < best[end][0]:  # type: ignore[index]
                    best[end] = (cost, (*before[1], word))
        found = best[-1]
        # Many long words fall apart into short ones; only a run that holds a word of weight is one.
        if found is None or len(found[1]) < 2 or found[0] > 3.2 * len(letters) or self.how.weighty.isdisjoint(found[1]):
            return ()
        return tuple(out for word in found[1] for out in self.spellings.get(word, (word,)))

    def _hidden(self, chunk: str) -> list[Piece]:
        """Return the word hidden in `k!ll`, `s*icide`, `k.i.l.l`, or nothing."""
        if _SEPARATED.match(chunk):
            joined = self.joined(re.sub(r"[-_.*~/'\\,+=|:?]|!\Z", "", chunk))
            if joined:
                return [(word, 0, len(chunk)) for word in joined]
        body = chunk.rstrip(".,;:?!)\"'").lstrip("(\"'")
        if len(body) < 3 or not any(c.isalpha() for c in body) or body.isalpha():
            return []
        words = self._leet(body)
        if not words:
            return []
        pieces = [(word, chunk.find(body), chunk.find(body) + len(body)) for word in words]
        if chunk[len(body):] and chunk[-1] in ".!?;":
            pieces.append((BREAK, len(chunk) - 1, len(chunk)))
        return pieces

    def joined(self, letters: str) -> tuple[str, ...]:
        """Return the words of letters that were written apart, or nothing."""
        if letters in self.known:
            return (letters,)
        if letters in self.spellings:
            return self.spellings[letters]
        return self.run(letters) or self._meant(letters) if letters.isalpha() else self._leet(letters)

    def _leet(self, written: str) -> tuple[str, ...]:
        if not all(c.isalpha() or c in _LEET for c in written) or len(written) < 3:
            return ()
        if sum(c.isalpha() for c in written) * 3 < len(written):
            return ()
        if any(c in _LEET and _LEET[c] == "*" for c in written) and not _stars_stand_for_letters(written):
            return ()
        shape = re.compile("".join(c if c.isalpha() and c.isascii() else _letter_class(c) for c in written) + r"\Z")
        for word in self._by_length.get(len(written), ()):
            if shape.match(word):
                return (word,)
        if any(_LEET.get(c) == "*" for c in written if not c.isalpha()):
            return ()
        for one in "il":
            plain = "".join(c if c.isalpha() else (one if "i" in _LEET[c] else _LEET[c][0]) for c in written)
            for form in (plain, *_squeezed(plain)):
                if form in self.spellings:
                    return self.spellings[form]
                near = self._meant(form) if form not in self.how.innocent else ()
                if form in self.known or near:
                    return near or (form,)
        return ()


def _letter_class(character: str) -> str:
    meant = _LEET.get(character, character)
    return "[a-z]" if meant == "*" else f"[{re.escape(meant)}]"


def _stars_stand_for_letters(written: str) -> bool:
    stars = [c for c in written if not c.isalpha() and _LEET.get(c) == "*"]
    return all(c in _WILD for c in stars) or (
        len(stars) == 1 and stars[0] in "^?" and written[0] not in "^?" and written[-1] not in "^?")


def _squeezed(word: str) -> list[str]:
    """Return the word with long repeats cut to two letters, then with every repeat cut to one."""
    runs = [(letter, len(list(group))) for letter, group in groupby(word)]
    if all(count == 1 for _, count in runs):
        return []
    two = "".join(letter * min(count, 2) for letter, count in runs)
    long_runs = "".join(letter if count > 2 else letter * count for letter, count in runs)
    one = "".join(letter for letter, _ in runs)
    return [two, long_runs, one] if two != word else [one] if len(word) >= 5 else []


def _slip(written: str, word: str) -> int | None:
    """Return how unlikely it is that `written` was meant to be `word`, None when one slip does not lead there."""
    if len(written) == len(word):
        if sorted(written) == sorted(word):
            return 0  # two letters changed places
        return 2 if len(word) >= 5 and written[0] == word[0] else None
    shorter, longer = sorted((written, word), key=len)
    if len(longer) < 5:
        return None
    doubled = shorter in {longer[:i] + longer[i + 1:] for i in range(1, len(longer)) if longer[i] == longer[i - 1]}
    return 0 if doubled else 1


def _deletions(word: str) -> list[str]:
    return [word[:i] + word[i + 1:] for i in range(len(word))]
