"""The text message line's own fixed texts, with the country's emergency lines filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from bot.gsm7 import fold
from bot.screening.replies import Replies
from bot.settings import ROOT, Clinic, read_yaml

FILE = ROOT / "data" / "sms" / "texts.yml"
LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class Wording:
    """One text in its languages, and who reviewed it until when."""

    name: str
    texts: dict[str, str]
    signed_by: str | None
    review_by: date


@lru_cache(maxsize=1)
def wordings() -> dict[str, Wording]:
    """Return all texts of the file by name."""
    raw: dict[str, Any] = read_yaml(FILE)["texts"]
    return {name: Wording(name, {language: entry[language] for language in LANGUAGES}, entry["signed_by"],
                          entry["review_by"])
            for name, entry in raw.items()}


def say(name: str, language: str, replies: Replies, clinic: Clinic) -> str:
    """Return a text in a language (English for one that is not there), in GSM-7 where that can be."""
    texts = wordings()[name].texts
    language = language if language in texts else "en"
    lines = replies.resources.at(clinic.country)
    return fold(texts[language].format(emergency=lines.phrase("emergency", language),
                                       lifeline=lines.phrase("lifeline", language), phone=clinic.phone))
