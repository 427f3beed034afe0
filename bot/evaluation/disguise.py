"""The same message as people and dodgers write it: typos, stars, spaces, leet, SMS, a long harmless preamble."""

from __future__ import annotations

import random
import re
from typing import Callable

PREAMBLE = ("Hi there, I hope your week is going well. I found your page while looking for places near my office and "
            "I liked the photos of the garden. My sister drives past your building every day. I work from home on "
            "most days, so mornings suit me, and parking is usually not a problem for me. Anyway, one more thing. ")
_KEYS = re.compile(r"\b(kill|die|dying|dead|suicide|suicidal|cut|hurt|pills|overdose|overdosed|breathe|chest|shoot|gun|"
                   r"voices|hit|hits|relapsed|matar|matarme|morir|morirme|pastillas|voces)\b", re.IGNORECASE)
_SMS = (("you", "u"), ("are", "r"), ("to", "2"), ("tonight", "2nite"), ("don't", "dont"), ("want to", "wanna"),
        ("going to", "gonna"), ("because", "bc"), ("please", "plz"), ("I'm", "im"), ("can't", "cant"),
        ("about", "abt"), ("people", "ppl"), ("que", "q"), ("porque", "xq"), ("quiero", "kiero"))
_LEET = str.maketrans("aeiosAEIOS", "4310543105")


def preamble(text: str) -> str:
    """Return the message behind 300 harmless characters."""
    return PREAMBLE + text


def typos(text: str, seed: int = 7) -> str:
    """Return the message with one edit in every word of five letters or more."""
    chance = random.Random(f"{seed}{text}")
    return re.sub(r"[^\W\d_]{5,}", lambda match: _edit(match.group(), chance), text)


def _edit(word: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(word) - 1)
    kind = chance.choice(("swap", "drop", "double"))
    if kind == "swap":
        return word[:place] + word[place + 1] + word[place] + word[place + 2:]
    return word[:place] + word[place + 1:] if kind == "drop" else word[:place] + word[place] + word[place:]


def spaced(text: str) -> str:
    """Return the message with its key words in single letters."""
    return _KEYS.sub(lambda match: " ".join(match.group()), text)


def starred(text: str) -> str:
    """Return the message with a star for the first vowel of each key word."""
    return _KEYS.sub(lambda match: re.sub(r"[aeiou]", "*", match.group(), count=1), text)


def leet(text: str) -> str:
    """Return the message with its key words in leet."""
    return _KEYS.sub(lambda match: match.group().translate(_LEET), text)


def sms(text: str) -> str:
    """Return the message in SMS spelling."""
    for long, short in _SMS:
        text = re.sub(rf"\b{re.escape(long)}\b", short, text, flags=re.IGNORECASE)
    return text.replace("'", "")


DISGUISES: dict[str, Callable[[str], str]] = {
    "long preamble": preamble, "typos": typos, "spaced": spaced, "starred": starred, "leet": leet, "SMS": sms}
