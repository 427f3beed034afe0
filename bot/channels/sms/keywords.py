"""Words that carriers and patients use to leave, to come back and to ask for help.

The words stand beside the replies to them in `data/screening/replies/sms_keywords.yml`; opt-outs in
people's own words in `data/sms/opt_out.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from bot.settings import ROOT, read_yaml

MORE = frozenset("MORE MAS MÁS".split())
SPANISH = frozenset("ALTO PARAR AYUDA".split())
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


def asks_to_stop(text: str) -> bool:
    """Return whether a sentence of the message is, whole, an opt-out in someone's own words."""
    pattern = _opt_out()
    sentences = [sentence.strip() for sentence in _SENTENCES.split(text.replace("’", "'").lower())]
    whole = " ".join(sentence for sentence in sentences if sentence)
    return any(pattern.fullmatch(sentence) for sentence in [*sentences, whole] if sentence)


def opt_out_rules() -> dict[str, Any]:
    """Return the file of opt-outs in people's own words, with its examples."""
    return dict(read_yaml(ROOT / "data" / "sms" / "opt_out.yml"))


@lru_cache(maxsize=1)
def _opt_out() -> re.Pattern[str]:
    rules = opt_out_rules()
    before, asks, after = ("|".join(rules[name]) for name in ("before", "asks", "after"))
    return re.compile(rf"(?:(?:{before})\s+)*(?:{asks})(?:\s+(?:{after}))*")
