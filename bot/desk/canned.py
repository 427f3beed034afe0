"""Replies that staff send often, from `data/desk/replies.yml`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from bot.desk.roles import display_name
from bot.settings import ROOT, SettingsError, get_settings, read_yaml

log = logging.getLogger(__name__)
FILE = ROOT / "data" / "desk" / "replies.yml"


@dataclass(frozen=True)
class Canned:
    """A reply to start from: its name in the list, and its text with the names filled in."""

    title: str
    text: str


def replies_for(user: Any, language: str) -> list[Canned]:
    """Return the replies in the patient's language, or in English where there is none in it.

    A file that cannot be used costs the replies, not the page.
    """
    try:
        rows = read_replies(FILE)
    except SettingsError as error:
        log.error("%s", error)
        return []
    clinic = get_settings().clinic
    names = {"name": display_name(user), "clinic": clinic.clinic, "phone": clinic.phone}
    shown = get_language() or "en"
    return [Canned(row["title"].get(shown[:2], row["title"]["en"]),
                   row["text"].get(language, row["text"]["en"]).format(**names)) for row in rows]


@lru_cache(maxsize=2)
def read_replies(path: Path) -> list[dict[str, dict[str, str]]]:
    """Return the replies of a file; raises `SettingsError` naming the one that cannot be used."""
    rows = read_yaml(path)["replies"]
    for number, row in enumerate(rows, start=1):
        try:
            for text in row["text"].values():
                text.format(name="", clinic="", phone="")
            row["title"]["en"], row["text"]["en"]
        except (KeyError, AttributeError, ValueError, IndexError, TypeError) as error:
            raise SettingsError(f"{path.name}: reply {number}: expected a title and a text in English, "
                                "with no other names in braces than name, clinic and phone") from error
    return list(rows)
