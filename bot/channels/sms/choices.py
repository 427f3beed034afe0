"""A number, or words that can only mean one line of the last list.

How people name a line stands in `data/sms/choices.yml`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from bot.records.models import Conversation, Message
from bot.records.texts import listed_choices
from bot.settings import ROOT, read_yaml

# Words that could be part of any line and so choose none.
_EMPTY = frozenset("a an the to of at on in and or i me my we you is it de la el los las un una y o en al a".split())
_KEYCAP = re.compile("[\ufe0f\u20e3]")
LOOK_BACK = 20  # messages
JUST_SHOWN = 5  # messages: an answer may come in several
LAST = -1
TIME = "/choose_option"


def chosen(conversation: Conversation, text: str) -> dict[str, str] | None:
    """Return the choice ({"label", "send"}) that a text means, or None.

    A number alone is read against the last list; words only against the list that was just shown.
    """
    words = _plain(text)
    alone = re.fullmatch(r"(?:(?:#|number|no|nr|option|opcion|numero) ?)?\d{1,2}", words) is not None
    recent = conversation.messages.exclude(kind="crisis").order_by("-id")[:LOOK_BACK if alone else JUST_SHOWN]
    for message in recent:
        if message.sender == Message.Sender.PATIENT:
            if not alone:
                return None
            continue
        if choices := listed_choices(message):
            # "The first one" may stand in a line itself.
            by_words = _by_words(text, choices) if " " in words and not alone else None
            return by_words or _by_number(number_of(text), choices) or _by_words(text, choices)
    return None


def number_of(text: str) -> int | None:
    """Return the number of a line that a text names, whole; `LAST` for the last one, None for no number."""
    match = _pattern().fullmatch(_plain(text))
    if match is None:
        return None
    said = match["number"]
    return int(said) if said.isdigit() else _number_words()[said]


def _plain(text: str) -> str:
    """Return a text in small letters without accents and punctuation, digits and keycaps as plain digits."""
    letters = unicodedata.normalize("NFKD", _KEYCAP.sub("", text).replace("’", "'").lower())
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w\s'#]", " ", bare).split())


def choice_rules() -> dict[str, Any]:
    """Return the file of how people name a line of a list, with its examples."""
    return dict(read_yaml(ROOT / "data" / "sms" / "choices.yml"))


@lru_cache(maxsize=1)
def _number_words() -> dict[str, int]:
    numbers = choice_rules()["numbers"].items()
    return {word: LAST if number == "last" else int(number) for number, words in numbers for word in words}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    rules = choice_rules()
    before, after = ("|".join(rules[name]) for name in ("before", "after"))
    numbers = "|".join(sorted(_number_words(), key=len, reverse=True))
    return re.compile(rf"(?:(?:{before}) ?){{0,5}}(?<!\w)(?P<number>\d{{1,2}}|{numbers})(?: (?:{after})){{0,3}}")


def _by_number(place: int | None, choices: list[dict[str, str]]) -> dict[str, str] | None:
    if place == LAST:
        # "the last one" of an offer is its last time, not "Other times" below it
        return ([choice for choice in choices if choice["send"].startswith(TIME)] or choices)[-1]
    place = place or 0
    return choices[place - 1] if 0 < place <= len(choices) else None


def _by_words(text: str, choices: list[dict[str, str]]) -> dict[str, str] | None:
    """Return the one choice that has all the words of the text, if there is exactly one."""
    said = _words(text)
    if not said - _EMPTY:
        return None
    fitting = [choice for choice in choices if said <= _words(choice["label"])]
    return fitting[0] if len(fitting) == 1 else None


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w:]+", text.lower()))
