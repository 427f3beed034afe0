"""Text for SMS: the GSM-7 alphabet, how many segments a text costs, and splitting that reads well.

Alphabet and sizes after 3GPP TS 23.038 and 23.040: a text in GSM-7 holds 160 septets, or 153 in
each part of a longer one; anything else goes out as UCS-2 with 70 units, or 67 in each part.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Iterator

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€\f")
ALPHABET = BASIC | EXTENSION
MORE = "Reply MORE for the rest."
MORE_IN = {"en": MORE, "es": "Responde MAS para el resto."}

# What has no letter of its own in GSM-7 and no accent to take off, yet reads the same in plain signs.
_PLAIN = {
    "‘": "'",
    "’": "'",
    "‚": "'",
    "‛": "'",
    "`": "'",
    "´": "'",
    "′": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "‟": '"',
    "«": '"',
    "»": '"',
    "″": '"',
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "–": "-",
    "—": "-",
    "―": "-",
    "−": "-",
    "…": "...",
    "•": "-",
    "·": "-",
    "×": "x",
    "÷": "/",
    "ª": "a",
    "º": "o",
    "°": " deg",
    "™": "(TM)",
    "®": "(R)",
    "©": "(C)",
    "Œ": "OE",
    "œ": "oe",
    "ı": "i",
    "ł": "l",
    "Ł": "L",
    "Đ": "D",
    "đ": "d",
    "\t": " ",
    "\u2028": "\n",
    "\u2029": "\n",
    "\v": "\n",
    "\u200b": "",
    "\u2060": "",
    "\ufeff": "",
    "\u00ad": "",
    "\u200e": "",
    "\u200f": "",
}

_SENTENCE_END = re.compile(r"(?<=[.?!:;])\s+|\n+")


def is_gsm7(text: str) -> bool:
    """Return whether every character of the text has a place in GSM-7 or its extension table."""
    return ALPHABET.issuperset(text)


def fold(text: str) -> str:
    """Return the text with all that GSM-7 can say in plain signs said so; the rest stays as it is."""
    return "".join(_fold_char(char) for char in unicodedata.normalize("NFC", text))


def segments(text: str) -> int:
    """Return how many SMS segments the text costs; an empty text costs none."""
    if not text:
        return 0
    gsm = is_gsm7(text)
    single, part = (160, 153) if gsm else (70, 67)
    sizes = [_septets(char) for char in text] if gsm else [_units(char) for char in text]
    return 1 if sum(sizes) <= single else _parts(sizes, part)


def split_for_sms(text: str, max_segments: int = 2, more: str = MORE) -> list[str]:
    """Return the folded text in messages of at most `max_segments`, cut between sentences where it can be.

    Every message but the last ends with `more`. An empty text gives an empty list.
    Raises ValueError when `more` alone would fill a message.
    """
    rest = fold(text).strip()
    more = fold(more)
    if segments(f"xx {more}") > max_segments:
        raise ValueError("the `more` text leaves no room for anything else")
    messages: list[str] = []
    while rest and segments(rest) > max_segments:
        size = _longest_head(rest, max_segments, more)
        messages.append(f"{rest[:size].rstrip()} {more}".strip())
        rest = rest[size:].lstrip()
    return [*messages, rest] if rest else messages


def _fold_char(char: str) -> str:
    if char in ALPHABET:
        return char
    if char in _PLAIN:
        return _PLAIN[char]
    if unicodedata.category(char) == "Zs":
        return " "
    bare = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    return bare if bare and is_gsm7(bare) else char


def _septets(char: str) -> int:
    return 2 if char in EXTENSION else 1


def _units(char: str) -> int:
    return 2 if ord(char) > 0xFFFF else 1


def _parts(sizes: list[int], part: int) -> int:
    """Count parts; a two-unit character never straddles two parts, it moves to the next one whole."""
    count, used = 1, 0
    for size in sizes:
        if used + size > part:
            count, used = count + 1, 0
        used += size
    return count


def _longest_head(text: str, max_segments: int, more: str) -> int:
    """Return where to cut: the last sentence end that fits, else the last space, else what fits at all."""
    room = _room(text, max_segments, more)
    for borders in (_sentence_borders(text), _word_borders(text)):
        fitting = [border for border in borders if border <= room]
        # A first sentence of two words is no message: rather cut the next sentence at a word.
        if fitting and fitting[-1] >= room // 3:
            return fitting[-1]
    return room


def _room(text: str, max_segments: int, more: str) -> int:
    """Return how many leading characters fit together with `more`, by bisection (cost only grows)."""
    low, high = 1, min(len(text), 160 * max_segments)
    while low < high:
        middle = (low + high + 1) // 2
        fits = segments(f"{text[:middle].rstrip()} {more}") <= max_segments
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def _sentence_borders(text: str) -> Iterator[int]:
    return (match.start() for match in _SENTENCE_END.finditer(text))


def _word_borders(text: str) -> Iterator[int]:
    return (match.start() for match in re.finditer(r"\s+", text))
