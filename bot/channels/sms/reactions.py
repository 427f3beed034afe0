"""A heart or a thumb on one of our texts, which phones send as a text that quotes it.

Our words in it are no words of the patient: screened, a thumb on "Call 911" would be an emergency.
The openings stand in `data/sms/reactions.yml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.gsm7 import fold
from bot.records.models import Conversation, Outbox
from bot.settings import ROOT, read_yaml

SAYS = ("agrees", "declines", "other")
ANSWERS = {"agrees": "yes", "declines": "no"}
LOOK_BACK = 30  # texts of ours
LONGEST_OPENING = 60  # characters
SHORTEST = 8  # letters of a quotation that are enough to know a text by
_SKIN_AND_SHAPE = "[\U0001f3fb-\U0001f3ff\ufe0f]*"


@dataclass(frozen=True)
class Reaction:
    """What a tap says (`agrees`, `declines`, `other`), and the words it was put on."""

    says: str
    quoted: str


def reaction(text: str) -> Reaction | None:
    """Return the reaction that a text is by its form, or None."""
    words = " ".join(text.split())
    first = min((place for place in map(words.find, "“\"«") if place > 0), default=-1)
    last = max(map(words.rfind, "”\"»"))
    if not 0 < first <= LONGEST_OPENING or last <= first or re.search(r"\w", words[last:]):
        return None
    opening, quoted = words[:first].strip(), words[first + 1:last].strip()
    says = next((says for says in SAYS if _openings()[says].fullmatch(opening)), None)
    return Reaction(says, quoted) if says and quoted else None


def is_on_ours(found: Reaction, conversation: Conversation) -> bool:
    """Return whether the quoted words are those of a text that we sent to this phone."""
    quoted = _plain(found.quoted.removesuffix("…").removesuffix("..."))
    if len(quoted) < SHORTEST:
        return False
    sent = Outbox.objects.filter(conversation=conversation, kind=Outbox.Kind.SMS).order_by("-id")
    return any(quoted in _plain(body) for body in sent.values_list("body", flat=True)[:LOOK_BACK])


def reaction_rules() -> dict[str, Any]:
    """Return the file of reactions, with its examples."""
    return dict(read_yaml(ROOT / "data" / "sms" / "reactions.yml"))


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\"'“”«»]", "", fold(text)).split()).lower()


@lru_cache(maxsize=1)
def _openings() -> dict[str, re.Pattern[str]]:
    rules = reaction_rules()
    return {says: re.compile("|".join(each.replace("{emoji}", _SKIN_AND_SHAPE) for each in rules[says]), re.IGNORECASE)
            for says in SAYS}
