"""What may come in as text."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARS = 2000
# What nobody types and what some part behind the gateway stumbles over.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u00ad\u061c\u180e]")


def clean(text: str) -> str:
    """Return a text that every part can hold, and that Rasa does not take for a command.

    Rasa obeys `/intent` from anyone, so leading slashes go, also full-width ones and those
    behind invisible characters.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = _CONTROL.sub(" ", text)
    head = _INVISIBLE.sub("", text.lstrip())
    while head and unicodedata.normalize("NFKC", head[0]) == "/":
        head = _INVISIBLE.sub("", head[1:].lstrip())
        text = head
    return text.strip()
