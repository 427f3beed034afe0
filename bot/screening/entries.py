"""Reads the lexicon's YAML files into rules and contexts; every mistake names its file and entry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

import yaml

from .verdict import Category, Subject, Tier

_RULE_KEYS = {"id", "tier", "category", "subject", "patterns", "examples", "counter_examples", "note", "firm",
              "rises", "language"}
_CONTEXT_KEYS = {"id", "patterns", "examples", "counter_examples", "note", "scope", "softens", "raises", "reach",
                 "cancelled_by", "only"}
SCOPES = ("overlap", "before", "sentence", "near", "message")


class BadLexicon(ValueError):
    """A lexicon file that cannot be used; the message names the file, the entry and what is wrong."""


@dataclass(frozen=True, eq=False)
class Rule:
    """Words that mean danger. `firm` names the contexts that do not soften it ("all" for any)."""

    name: str
    tier: Tier
    category: Category
    subject: Subject | None
    patterns: tuple[str, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    firm: frozenset[str] = frozenset()
    rises: bool = False


@dataclass(frozen=True, eq=False)
class Context:
    """Words that change what other words mean: `mask` them, soften or raise their tier."""

    name: str
    kind: str
    scope: str
    patterns: tuple[str, ...]
    cancelled_by: tuple[str, ...]
    softens: Mapping[Tier, Tier]
    raises: bool
    only: frozenset[str]
    reach: int
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]


@dataclass(frozen=True)
class Spelling:
    """How people write: short forms, words written apart, plain words, and words that only look alike."""

    words: Mapping[str, str]
    phrases: Mapping[str, str]
    fillers: frozenset[str]
    innocent: frozenset[str]
    weighty: frozenset[str]
    starred: frozenset[str]
    common: tuple[str, ...]  # the commonest first


def read_rules(directory: Path) -> list[Rule]:
    """Return the rules of every file in `directory` whose name does not start with `_`."""
    rules = [_rule(path, body, entry) for path in sorted(directory.glob("*.yml")) if path.name[0] != "_"
             for body in [_load(path)] for entry in body.get("entries") or []]
    _no_duplicates(directory, [rule.name for rule in rules])
    return rules


def read_contexts(directory: Path) -> list[Context]:
    """Return the contexts of every file in `directory`."""
    contexts = [_context(path, body, entry) for path in sorted(directory.glob("*.yml"))
                for body in [_load(path)] for entry in body.get("entries") or []]
    _no_duplicates(directory, [context.name for context in contexts])
    return contexts


def read_sets(path: Path) -> dict[str, list[str]]:
    """Return the named sets of words that patterns may use."""
    return {name: [str(word) for word in words] for name, words in _load(path)["sets"].items()}


def read_spelling(path: Path) -> Spelling:
    """Return how people write the words that the lexicon spells out."""
    body = _load(path)
    return Spelling({str(k): str(v) for k, v in body["words"].items()},
                    {str(k): str(v) for k, v in body["phrases"].items()},
                    frozenset(" ".join(map(str, body["fillers"])).split()),
                    frozenset(str(_load(path.with_name("real_words.yml"))["real_words"]).split()),
                    frozenset(" ".join(map(str, body["weighty"])).split()),
                    frozenset(" ".join(map(str, body["starred"])).split()),
                    tuple(str(_load(path.with_name("common_words.yml"))["common"]).split()))


def _load(path: Path) -> dict[str, Any]:
    try:
        body = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise BadLexicon(f"{path}: {error}") from error
    if not isinstance(body, dict):
        raise BadLexicon(f"{path}: expected a mapping")
    return body


def _rule(path: Path, body: Mapping[str, Any], entry: Mapping[str, Any]) -> Rule:
    where = f"{path}: {entry.get('id', entry)}"
    if set(entry) - _RULE_KEYS:
        raise BadLexicon(f"{where}: unknown key {sorted(set(entry) - _RULE_KEYS)[0]!r}")
    try:
        category = Category(entry.get("category", body["category"]))
        subject = entry.get("subject", body.get("subject"))
        return Rule(
            name=f"{path.stem}.{entry['id']}", tier=Tier(entry["tier"]), category=category,
            subject=None if subject in (None, "any") else Subject(subject), patterns=_texts(entry, "patterns"),
            examples=_texts(entry, "examples"), counter_examples=_texts(entry, "counter_examples"),
            firm=frozenset(entry.get("firm", body.get("firm", ()))),
            rises=bool(entry.get("rises", body.get("rises", False))))
    except (KeyError, ValueError) as error:
        raise BadLexicon(f"{where}: {error}") from error


def _context(path: Path, body: Mapping[str, Any], entry: Mapping[str, Any]) -> Context:
    where = f"{path}: {entry.get('id', entry)}"
    if set(entry) - _CONTEXT_KEYS:
        raise BadLexicon(f"{where}: unknown key {sorted(set(entry) - _CONTEXT_KEYS)[0]!r}")
    try:
        scope = entry.get("scope", body["scope"])
        if scope not in SCOPES:
            raise ValueError(f"scope {scope!r} is none of {', '.join(SCOPES)}")
        softens = entry.get("softens", body.get("softens", {}))
        return Context(
            name=f"{path.stem}.{entry['id']}", kind=str(body["kind"]), scope=scope,
            patterns=_texts(entry, "patterns"),
            cancelled_by=_texts({"c": entry.get("cancelled_by", body.get("cancelled_by", []))}, "c"),
            softens={Tier(k): Tier(v) for k, v in softens.items()},
            raises=bool(entry.get("raises", body.get("raises", False))),
            only=frozenset(entry.get("only", body.get("only", ()))),
            reach=int(entry.get("reach", body.get("reach", 2))),
            examples=_texts(entry, "examples"), counter_examples=_texts(entry, "counter_examples"))
    except (KeyError, ValueError) as error:
        raise BadLexicon(f"{where}: {error}") from error


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(text) for text in entry.get(key) or [])


def _no_duplicates(directory: Path, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadLexicon(f"{directory}: {twice[0]} is there twice")
