"""Characters to plain lower-case letters, with the way back to the original text.

Full-width, mathematical, circled and small-capital letters, Cyrillic and Greek look-alikes,
accents and invisible characters all hide a word from a list of words. None survives this step.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Sequence

_CYRILLIC = dict(zip("асеорхуіїјѕԁһкмтвнгӏьёэԛԝ", "aceopxyiijsdhkmtbhrlbeeqw"))
_GREEK = dict(zip("αβγδεζηθικλμνοπρστυφχψω", "abydeznoiklmvonpotuoxyw"))
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz"))
_OTHER = {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "ɑ": "a",
          "ɡ": "g", "ɩ": "i", "ƙ": "k", "ʟ": "l", "’": "'", "‘": "'", "‛": "'", "ʼ": "'", "`": "'",
          "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": " - ", "−": "-",
          "‐": "-", "‑": "-", "¿": " ", "¡": " ", "×": "x"}
_LOOKALIKES = {**_CYRILLIC, **_GREEK, **_SMALL_CAPITALS, **_OTHER}
_NEGATIVE_SQUARED = range(0x1F130, 0x1F18A)
_REGIONAL = range(0x1F1E6, 0x1F200)


@dataclass(frozen=True)
class Folded:
    """Plain text; `origin[i]` is where character i stood (None: where it stands now)."""

    text: str
    origin: Sequence[int] | None

    def at(self, index: int) -> int:
        """Return the place in the original text of character `index`."""
        return index if self.origin is None else self.origin[index]


def fold(text: str) -> Folded:
    """Return `text` in lower-case plain letters; never raises."""
    if text.isascii():
        return Folded(text.lower(), None)
    characters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        plain = fold_character(character)
        characters.append(plain)
        origin.extend([index] * len(plain))
    return Folded("".join(characters), origin)


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """Return the plain form of one character: nothing for invisible ones, a space for broken ones."""
    if character.isascii():
        return character.lower()
    code = ord(character)
    if code in _NEGATIVE_SQUARED:
        return chr(ord("a") + (code - 0x1F130) % 32 % 26)
    if code in _REGIONAL:
        return chr(ord("a") + code - 0x1F1E6)
    if character in _OTHER:
        return _OTHER[character]
    return "".join(_plain(part) for part in unicodedata.normalize("NFKD", character))


def _plain(character: str) -> str:
    lowered = character.lower()
    if lowered in _LOOKALIKES:
        return _LOOKALIKES[lowered]
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf") or 0x1F3FB <= ord(character) <= 0x1F3FF:
        return ""
    if category[0] == "Z" or category in ("Cc", "Cs", "Co", "Cn"):
        return " "
    # Lower case of a few letters is a letter with a mark: strip that too.
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if unicodedata.category(c) != "Mn")
