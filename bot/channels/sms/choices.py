"""A number, or words that can only mean one line of the last list."""

from __future__ import annotations

import re

from bot.records.models import Conversation, Message
from bot.records.texts import listed_choices

_NUMBER = re.compile(r"(?:#|no\.?|nr\.?|number|option|choice|opci[oó]n|n[uú]mero)?\s*(\d{1,2})\s*[.)]?"
                     r"(?:\s*(?:please|pls|por favor))?[.!]?", re.IGNORECASE)
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5}
# Words that could be part of any line and so choose none.
_EMPTY = frozenset("a an the to of at on in and or i me my we you is it de la el los las un una y o en al a".split())
LOOK_BACK = 20  # messages


def chosen(conversation: Conversation, text: str) -> dict[str, str] | None:
    """Return the choice ({"label", "send"}) that a text means, or None.

    A number alone is read against the last list; words only against the list that was just shown.
    """
    number = _number(text)
    recent = conversation.messages.exclude(kind="crisis").order_by("-id")[:LOOK_BACK]
    for message in recent:
        if message.sender == Message.Sender.PATIENT:
            if number is None:
                return None
            continue
        if choices := listed_choices(message):
            if number is not None:
                return choices[number - 1] if 0 < number <= len(choices) else None
            return _by_words(text, choices)
    return None


def _number(text: str) -> int | None:
    if match := _NUMBER.fullmatch(text.strip()):
        return int(match[1])
    return _WORDS.get(text.strip(" .!").lower())


def _by_words(text: str, choices: list[dict[str, str]]) -> dict[str, str] | None:
    """Return the one choice that has all the words of the text, if there is exactly one."""
    said = _words(text)
    if not said - _EMPTY:
        return None
    fitting = [choice for choice in choices if said <= _words(choice["label"])]
    return fitting[0] if len(fitting) == 1 else None


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w:]+", text.lower()))
