"""Words that carriers and patients use to leave, to come back and to ask for help.

The words stand beside the replies to them in `data/screening/replies/sms_keywords.yml`; opt-outs in
people's own words in `data/sms/opt_out.yml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.settings import ROOT, read_yaml

MORE = frozenset("MORE MAS MÁS".split())
SPANISH = frozenset("ALTO PARAR AYUDA".split())
LONGEST = 20  # words of an opting-out sentence; a pattern may take very long over very long ones
_AROUND = re.compile(r"[\s.!¡,;:\"'“”‘’«»*()-]+")
_SENTENCES = re.compile(r"[.!?¡¿,;\n]+")


def keyword(text: str, words: Mapping[str, tuple[str, ...]], opted_out: bool) -> str | None:
    """Return STOP, START, HELP or MORE when the whole message is such a word, else None.

    YES is only a keyword for someone who opted out: to anyone else it is an answer.
    """
    word = _AROUND.sub("", text).upper()
    if word in MORE:
        return "MORE"
    for name in ("stop", "help", "start"):
        if word in words.get(name, ()):
            return None if word == "YES" and not opted_out else name.upper()
    return None


def is_spanish_word(text: str) -> bool:
    """Return whether the whole message is one of the Spanish keywords."""
    return _AROUND.sub("", text).upper() in SPANISH


def is_yes(text: str) -> bool:
    """Return whether the whole message is YES, which may be an answer to a question of ours as well."""
    return _AROUND.sub("", text).upper() == "YES"


@dataclass(frozen=True)
class OptOut:
    """An opt-out in someone's own words; `unmistakable` when all of the message is about texts, and nothing else."""

    language: str
    unmistakable: bool


def asks_to_stop(text: str) -> OptOut | None:
    """Return the opt-out in someone's own words that a sentence of the message is, whole, or None."""
    sentences = [sentence for sentence in map(_plain, _SENTENCES.split(text)) if sentence]
    whole = " ".join(sentences)
    for language, (asks, alone) in _opt_out().items():
        said = [sentence for sentence in sentences if _is_short(sentence) and asks.fullmatch(sentence)]
        everything = len(said) == len(sentences) or bool(_is_short(whole) and asks.fullmatch(whole))
        if sentences and (said or everything or alone.fullmatch(whole)):
            return OptOut(language, everything and _names().search(whole) is not None)
    return None


def _is_short(sentence: str) -> bool:
    return len(sentence.split()) <= LONGEST


def _plain(text: str) -> str:
    """Return a text in small letters, without accents and without what is no letter, digit, apostrophe or the like."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'").lower())
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w\s'#*-]", " ", bare).split())


def opt_out_rules() -> dict[str, Any]:
    """Return the file of opt-outs in people's own words, with its examples."""
    return dict(read_yaml(ROOT / "data" / "sms" / "opt_out.yml"))


@lru_cache(maxsize=1)
def _opt_out() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    """Return for each language the patterns of an opting-out sentence and of a message that is nothing but a word."""
    rules = opt_out_rules()
    before, after = ("|".join(rules[name]) for name in ("before", "after"))
    return {language: (
        re.compile(rf"(?:(?:{before})\s+)*(?:{'|'.join(asks)})(?:\s+(?:{after}))*"),
        re.compile(rf"(?:(?:{'|'.join(rules['alone'][language])})(?:\s+|$))+"))
        for language, asks in rules["asks"].items()}


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(opt_out_rules()['names'])})")
