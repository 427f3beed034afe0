"""What the booking says, from `data/booking/texts.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

TEXTS = Path(__file__).resolve().parents[2] / "data" / "booking" / "texts.yml"


def say(key: str, language: str = "en", **values: object) -> str:
    """Return a text in a language, or in English where there is none; raises `KeyError` for an unknown key."""
    texts = _texts()
    text = texts.get(language, {}).get(key) or texts["en"][key]
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text.replace("  ", " ")  # where a value is empty


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, str]]:
    data: dict[str, dict[str, str]] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    return data
