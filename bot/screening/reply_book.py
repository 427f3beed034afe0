"""The reply files of one language, read and checked as a whole before anyone relies on them."""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Mapping

import yaml

from bot.screening.resources import PHRASES, ROLES

CHANNELS = ("web", "sms")
LINES = ("ask", "ask_plainly", "ask_now", "minor_web", "minor_sms")
QUESTIONS = ("{ask}", "{ask_plainly}", "{ask_now}")
INLINE = ("offer", "after_call", "call_clinic", "team_offer", "reach_team")
SITUATIONS = ("tail_web", "tail_sms", "tail_short", *INLINE)
HOURS = ("open", "on_call", "closed")
CLINIC = ("clinic", "phone")
KEYWORDS = ("help", "stop", "start")
MAX_RESOURCES = 3

_IN_SITUATIONS = frozenset({*CLINIC, "on_call", "opens", "closed_line"})
_IN_REPLIES = frozenset({*PHRASES, *(name.capitalize() for name in PHRASES), *LINES, *INLINE, *CLINIC})


@dataclass(frozen=True)
class Entry:
    """One reply: its wordings by channel, the roles of its buttons, and who reviewed it until when."""

    key: str
    wordings: Mapping[str, tuple[str, ...]]
    resources: tuple[str, ...]
    tail: bool
    minor_line: bool
    signed_by: str | None
    reviewed_on: date
    review_by: date


@dataclass(frozen=True)
class Book:
    """All replies of one language, with the lines that depend on the hour."""

    language: str
    entries: Mapping[str, Entry]
    lines: Mapping[str, str]
    situations: Mapping[str, Mapping[str, str]]
    closed_until: str
    closed_now: str
    opens_words: Mapping[str, str]


@dataclass(frozen=True)
class Keyword:
    """The fixed reply to one SMS keyword, by language, and the words that count as it."""

    name: str
    words: tuple[str, ...]
    texts: Mapping[str, str]
    signed_by: str | None
    review_by: date


def read_book(path: Path) -> Book:
    """Read one language's replies; raises ValueError that names the file, the reply and the fault."""
    data = _load(path)
    try:
        book = Book(
            language=str(data["language"]),
            entries={key: _entry(path, key, raw) for key, raw in data["replies"].items()},
            lines={name: str(data["lines"][name]) for name in LINES},
            situations={
                name: {hour: str(data["situations"][name][hour]) for hour in HOURS} for name in SITUATIONS
            },
            closed_until=str(data["closed_until"]),
            closed_now=str(data["closed_now"]),
            opens_words={str(word): str(said) for word, said in data.get("opens_words", {}).items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: missing or misshapen part ({error!r})") from error
    _check_placeholders(path, "closed_until", book.closed_until, frozenset({"opens"}))
    for name, by_hour in book.situations.items():
        for hour, text in by_hour.items():
            _check_placeholders(path, f"situations.{name}.{hour}", text, _IN_SITUATIONS)
    return book


def read_keywords(path: Path) -> dict[str, Keyword]:
    """Read the SMS keyword replies; raises ValueError that names the file and the fault."""
    data = _load(path)
    try:
        found = {
            name: Keyword(
                name,
                tuple(str(word) for word in raw["words"]),
                {language: str(raw[language]) for language in ("en", "es")},
                raw["signed_by"],
                _date(raw, "review_by"),
            )
            for name, raw in data["keywords"].items()
        }
        for name in KEYWORDS:
            for language, text in found[name].texts.items():
                _check_placeholders(path, f"{name}.{language}", text, _IN_REPLIES)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: missing or misshapen part ({error!r})") from error
    return found


def _load(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: cannot be read ({error})") from error


def _entry(path: Path, key: str, raw: Mapping[str, Any]) -> Entry:
    wordings = {channel: tuple(raw.get(channel) or raw.get("both") or ()) for channel in CHANNELS}
    for channel, texts in wordings.items():
        if not texts:
            raise ValueError(f"{path}: {key} has no wording for {channel}")
        for text in texts:
            _check_placeholders(path, f"{key}.{channel}", text, _IN_REPLIES)
    roles = tuple(raw["resources"])
    if len(roles) > MAX_RESOURCES or not set(roles) <= set(ROLES):
        raise ValueError(f"{path}: {key}.resources wants at most {MAX_RESOURCES} of: {', '.join(ROLES)}")
    return Entry(
        key,
        wordings,
        roles,
        bool(raw.get("tail", True)),
        bool(raw.get("minor_line", True)),
        raw["signed_by"],
        _date(raw, "reviewed_on"),
        _date(raw, "review_by"),
    )


def _date(raw: Mapping[str, Any], name: str) -> date:
    value = raw[name]
    if not isinstance(value, date):
        raise TypeError(f"{name} must be a date, not {value!r}")
    return value


def _check_placeholders(path: Path, where: str, text: str, allowed: frozenset[str]) -> None:
    try:
        used = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValueError(f"{path}: {where}: {error}") from error
    if not used <= allowed:
        raise ValueError(f"{path}: {where}: unknown {{{'}, {'.join(sorted(used - allowed))}}}")
