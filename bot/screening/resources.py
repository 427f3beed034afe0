"""Emergency and crisis lines of a country: what the buttons dial and how the replies name them.

One YAML file a country in ``data/screening/resources/``; ``int.yml`` is for everywhere else.
A *line* is one way to reach one service. A *role* is what a reply asks for ("emergency",
"lifeline"), so that the same reply finds the right line in every country. A *phrase* is how a
sentence names the lines ("call or text 988").
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Iterator, Mapping

import yaml

ELSEWHERE = "INT"
LANGUAGES = ("en", "es")
NEEDED_ROLES = ("emergency", "lifeline")
ROLES = (
    *NEEDED_ROLES,
    "lifeline_text",
    "text_line",
    "poison",
    "abuse",
    "abuse_text",
    "sexual",
    "child",
    "substance",
    "veterans",
    "lgbtq_youth",
    "teen_dating",
    "deaf",
    "native",
    "trans",
)
PHRASES = (
    "emergency",
    "call_emergency",
    "go_er",
    "lifeline",
    "lifeline_name",
    "lifeline_or_text",
    "lifeline_or_text_free",
    "text_option",
    "helpers",
    "privacy",
    "third_party",
    "poison",
    "abuse",
    "sexual",
    "child",
    "substance",
)


@dataclass(frozen=True)
class Resource:
    """One way to reach one service, as shown on a button (`label`, `href`) or in plain text (`text`)."""

    id: str
    label: str
    href: str
    text: str
    checked_on: date
    dialled_on: date | None = None


@dataclass(frozen=True)
class Resources:
    """The lines of one country by id and by role, the phrases that name them, and the other countries'."""

    country: str
    lines: Mapping[str, Mapping[str, Resource]]
    roles: Mapping[str, str]
    phrases: Mapping[str, Mapping[str, str]]
    signed_by: str | None
    review_by: date
    others: Mapping[str, Resources] = field(default_factory=dict)

    @property
    def elsewhere(self) -> Resource:
        """The directory of helplines for whoever is in another country."""
        abroad = self.at(ELSEWHERE)
        return abroad[abroad.roles["lifeline"]]

    def at(self, country: str) -> Resources:
        """Return another country's lines; those for elsewhere if it has no file, our own if it is no code."""
        code = country.strip().upper()
        if code == self.country or not (code.isascii() and code.isalpha() and len(code) in (2, 3)):
            return self
        return self.others.get(code) or self.others.get(ELSEWHERE, self)

    def __iter__(self) -> Iterator[Resource]:
        return (by_language["en"] for by_language in self.lines.values())

    def __getitem__(self, line_id: str) -> Resource:
        return self.lines[line_id]["en"]

    def get(self, line_id: str, language: str = "en") -> Resource:
        """Return the line with that id, worded in that language or in English; raises KeyError."""
        by_language = self.lines[line_id]
        return by_language.get(language, by_language["en"])

    def for_role(self, role: str, language: str = "en") -> Resource | None:
        """Return the line that plays the role in this country, or None where there is none."""
        return self.get(self.roles[role], language) if role in self.roles else None

    def phrase(self, name: str, language: str = "en") -> str:
        """Return how a sentence names a line; raises KeyError for an unknown name."""
        return self.phrases.get(language, self.phrases["en"])[name]

    def bar(self, language: str = "en") -> tuple[Resource, ...]:
        """Return what stays pinned in view: the emergency line, the crisis line and its text line."""
        found = (self.for_role(role, language) for role in ("emergency", "lifeline", "lifeline_text"))
        return tuple(resource for resource in found if resource)


def load_resources(directory: Path | str, country: str) -> Resources:
    """Read one country's lines; raises ValueError that names the file and what is wrong with it."""
    folder = Path(directory)
    known = sorted(path.stem.upper() for path in folder.glob("*.yml"))
    code = country.strip().upper()
    if code not in known:
        raise ValueError(f"no crisis lines for country {country!r} in {folder}; known: {', '.join(known)}")
    if ELSEWHERE not in known:
        raise ValueError(f"{folder}: {ELSEWHERE.lower()}.yml is missing")
    others = {name: _read(folder / f"{name.lower()}.yml", name) for name in known if name != code}
    return replace(_read(folder / f"{code.lower()}.yml", code), others=others)


def stale(resources: Resources, today: date, days: int = 60) -> list[str]:
    """Return the ids of the lines that were last checked more than `days` days before `today`."""
    oldest = today - timedelta(days=days)
    return [resource.id for resource in resources if resource.checked_on < oldest]


def undialled(resources: Resources) -> list[str]:
    """Return the ids of the lines that no person has dialled or opened yet."""
    return [resource.id for resource in resources if resource.dialled_on is None]


def _read(path: Path, country: str) -> Resources:
    try:
        data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        resources = Resources(
            country=country,
            lines={str(key): _line(str(key), entry) for key, entry in data["lines"].items()},
            roles={str(role): str(line_id) for role, line_id in data["roles"].items()},
            phrases={language: _phrases(data, language) for language in LANGUAGES},
            signed_by=data["signed_by"],
            review_by=_date(data, "review_by"),
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: cannot be read as crisis lines ({error!r})") from error
    _check_roles(path, resources.lines, resources.roles)
    return resources


def _date(entry: Mapping[str, Any], name: str) -> date:
    value = entry[name]
    if not isinstance(value, date):
        raise TypeError(f"{name} must be a date, not {value!r}")
    return value


def _line(line_id: str, entry: Mapping[str, Any]) -> dict[str, Resource]:
    checked_on, dialled_on = _date(entry, "checked_on"), entry.get("dialled_on")
    return {
        language: Resource(
            line_id,
            str(entry[language]["label"]),
            str(entry[language]["href"]),
            str(entry[language]["text"]),
            checked_on,
            dialled_on,
        )
        for language in LANGUAGES
    }


def _phrases(data: Mapping[str, Any], language: str) -> dict[str, str]:
    return {name: str(data["phrases"][language][name]) for name in PHRASES}


def _check_roles(path: Path, lines: Mapping[str, object], roles: Mapping[str, str]) -> None:
    for role in NEEDED_ROLES:
        if role not in roles:
            raise ValueError(f"{path}: the role {role!r} is missing")
    for role, line_id in roles.items():
        if role not in ROLES:
            raise ValueError(f"{path}: unknown role {role!r}; known: {', '.join(ROLES)}")
        if line_id not in lines:
            raise ValueError(f"{path}: role {role!r} names the unknown line {line_id!r}")
