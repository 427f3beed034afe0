"""Reads what the assistant can meet: topics, behaviours and clinic facts, all as entries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Mapping

from .files import KnowledgeError, read_review, read_yaml
from .model import Entry, Line, Review


def read_entries(answers: Path) -> list[Entry]:
    """Return every entry under `answers` with all its phrasings.

    Raises `KnowledgeError` naming a faulty file or an id that is used twice.
    """
    entries: list[Entry] = []
    for path in sorted((answers / "topics").glob("*.yml")):
        content = read_yaml(path)
        entries.append(_entry(content, content, read_review(content, path), path))
    for path in sorted((answers / "behaviours").glob("*.yml")):
        entries += _group(path)
    if (answers / "clinic.yml").is_file():
        entries += _group(answers / "clinic.yml")
    _check(entries, answers)
    more, _ = read_phrasings(answers)
    return [replace(entry, questions=(*entry.questions, *more.pop(entry.id, ()))) for entry in entries]


def read_phrasings(answers: Path) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Return further phrasings by entry, and questions that no entry answers, from `answers/phrasings`.

    Each file is one author's; raises `KnowledgeError` naming a faulty one.
    """
    by_entry: dict[str, tuple[str, ...]] = {}
    unanswered: list[str] = []
    for path in sorted((answers / "phrasings").glob("*.yml")):
        content = read_yaml(path)
        try:
            for key, questions in content["phrasings"].items():
                by_entry[str(key)] = (*by_entry.get(str(key), ()), *(str(q).strip() for q in questions))
            unanswered += [str(q).strip() for q in content.get("none") or ()]
        except (KeyError, TypeError, AttributeError) as error:
            raise KnowledgeError(f"{path}: phrasings are not as they must be: {error!r}") from error
    return by_entry, tuple(unanswered)


def _group(path: Path) -> list[Entry]:
    """Return the entries of a file that gives its entries a common kind, text, caveats and review."""
    content = read_yaml(path)
    rows = content.get("entries") or content.get("facts") or []
    out = []
    for row in rows:
        review = read_review(row if "review" in row else content, path)
        out.append(_entry(row, content, review, path))
    return out


def _entry(row: Mapping[str, Any], group: Mapping[str, Any], review: Review, path: Path) -> Entry:
    def value(name: str) -> Any:
        return row.get(name) or group.get(name)

    try:
        return Entry(
            id=str(row["id"]),
            title=str(row["title"]).strip(),
            kind=str(value("kind")),
            questions=tuple(str(q).strip() for q in row.get("questions") or ()),
            review=review,
            text=_text(value("text")),
            text_without_facts=_text(value("text_without_facts")),
            lines=tuple(read_line(line) for line in row.get("lines") or ()),
            contrast=_text(row.get("contrast")),
            caveats=tuple(value("caveats") or ()),
            suggestions=tuple(value("suggestions") or ()),
            offers=tuple(value("offers") or ()),
            numbers=tuple(str(n) for n in row.get("numbers") or ()),
            code=str(group.get("code") or ""),
            compares_medicines=bool(row.get("compares_medicines")),
            demands=tuple(row.get("demands") or ()),
            about=str(row.get("about") or "ketamine"),
            falls_back_to=str(row.get("falls_back_to") or ""),
            tier=str(value("tier") or ""),
            category=str(value("category") or ""),
            subject=str(value("subject") or ""),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise KnowledgeError(f"{path}: entry {row.get('id')!r} is not as it must be: {error!r}") from error


def read_line(row: Mapping[str, Any]) -> Line:
    """Return one line of an answer as its file has it."""
    return Line(
        article=str(row["article"]),
        section=str(row["section"]),
        quote=_text(row["quote"]),
        line=int(row.get("line") or 0),
        show=_text(row.get("show")),
        edit=_text(row.get("edit")),
    )


def _text(value: Any) -> str:
    return " ".join(str(value).split()) if value else ""


def _check(entries: list[Entry], answers: Path) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise KnowledgeError(f"{answers}: the id {entry.id} is used twice")
        seen.add(entry.id)
        if not entry.lines and not entry.text:
            raise KnowledgeError(f"{answers}: entry {entry.id} has neither lines nor text")
        if not entry.questions:
            raise KnowledgeError(f"{answers}: entry {entry.id} has no questions")
