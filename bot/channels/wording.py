"""The web channel's own fixed texts, with the country's emergency lines filled in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bot.channels.text import MAX_CHARS
from bot.screening.resources import Resources, load_resources
from bot.settings import ROOT, get_settings, read_yaml

FILE = ROOT / "data" / "web" / "texts.yml"


def say(name: str, language: str = "en") -> str:
    """Return a text in a language, or in English where there is none; raises `KeyError` for an unknown name."""
    texts, lines = _texts(), _lines(get_settings().clinic.country)
    language = language if name in texts.get(language, {}) else "en"
    return str(texts[language][name]).format(
        call_emergency=lines.phrase("call_emergency", language), lifeline=lines.phrase("lifeline", language),
        most=MAX_CHARS)


@lru_cache(maxsize=1)
def _texts() -> dict[str, Any]:
    return read_yaml(FILE)


@lru_cache(maxsize=8)
def _lines(country: str) -> Resources:
    return load_resources(ROOT / "data" / "screening" / "resources", country)
