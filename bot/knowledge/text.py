"""Small readings of text: sentences, plain letters, words and the pieces that are matched."""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import Iterator, Mapping

QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})
MAX_CHARACTERS = 1500
LONGEST = 5  # words of a short form or filler

_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[A-Z0-9])")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_RUN = re.compile(r"(.)\1{2,}")


def plain(text: str) -> str:
    """Return the text with straight quotes, single spaces and no invisible characters."""
    folded = unicodedata.normalize("NFKC", text.translate(QUOTES)).translate(QUOTES)
    kept = "".join(c if c.isprintable() else " " for c in folded if unicodedata.category(c) != "Cf")
    return " ".join(kept.split())


def sentences(paragraph: str) -> list[str]:
    """Return the sentences of a paragraph, verbatim and in order."""
    return [part.strip() for part in _END.split(paragraph.strip()) if part.strip()]


def words(text: str) -> list[str]:
    """Return the lower-case words of a text; letters repeated for effect are cut to two."""
    return _WORD.findall(_RUN.sub(r"\1\1", plain(text).lower()))


def expand(text: str, spellings: Mapping[str, str]) -> str:
    """Return the text as the matcher reads it: lower case, short forms written out."""
    found = words(text[:MAX_CHARACTERS])
    out: list[str] = []
    i = 0
    while i < len(found):
        for size in range(LONGEST, 0, -1):
            key = " ".join(found[i:i + size])
            if key in spellings:
                out.append(spellings[key])
                i += size
                break
        else:
            out.append(found[i])
            i += 1
    # A message of fillers only ("ok so") is read as it stands.
    return " ".join(part for part in out if part) or " ".join(found)


def pieces(text: str) -> Iterator[str]:
    """Yield the matching features of an expanded text: words, word pairs and 4-letter runs."""
    found = text.split()
    for word in found:
        yield word
    for first, second in itertools.pairwise(found):
        yield f"{first} {second}"
    for word in found:
        padded = f"<{word}>"
        if len(padded) > 5:
            for start in range(len(padded) - 3):
                yield "#" + padded[start:start + 4]
