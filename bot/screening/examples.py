"""Reads labelled messages from YAML: what the classifier learns from, and what the screen is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .verdict import Category, Subject, Tier


class BadExamples(ValueError):
    """A file of examples that cannot be used; the message names the file and the entry."""


@dataclass(frozen=True)
class Example:
    """A labelled message, or conversation (`turns`); `name` is its file and number."""

    name: str
    turns: tuple[str, ...]
    tier: Tier
    category: Category
    subject: Subject
    language: str
    style: str
    also: frozenset[Tier] = frozenset()

    @property
    def text(self) -> str:
        """Return the message, the last one of a conversation."""
        return self.turns[-1]


def read_examples(directory: Path) -> list[Example]:
    """Return every example of every YAML file in `directory`; raises `BadExamples`."""
    return [_example(f"{path.stem}#{number}", entry) for path in sorted(directory.glob("*.yml"))
            for number, entry in enumerate(_entries(path), start=1)]


def _entries(path: Path) -> list[dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        body = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
        return list(body["entries"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise BadExamples(f"{path}: {error}") from error


def _example(name: str, entry: dict[str, Any]) -> Example:
    try:
        turns = tuple(str(turn) for turn in entry.get("turns") or [entry["text"]])
        return Example(name, turns, Tier(entry["tier"]), Category(entry["category"]), Subject(entry["subject"]),
                       str(entry["language"]), str(entry["style"]),
                       frozenset(Tier(tier) for tier in entry.get("also") or ()))
    except (KeyError, ValueError, TypeError) as error:
        raise BadExamples(f"{name}: {error!r}") from error
