"""Reads the articles: Markdown with front matter, and the marked claims beside each."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .files import KnowledgeError, read_review, read_yaml
from .model import Article, Passage
from .text import plain, sentences

SHOWABLE = {"OK", "OK+"}
DENY = "DENY"
_VERDICT = re.compile(r"OK\+?|OVER|ERROR|DENY|(?:CONTRA|RESTRICT)-\w+")
# A sentence that begins so speaks of the one before it.
LEANING = frozenset({
    "it", "its", "this", "these", "those", "they", "such", "however", "moreover", "furthermore",
    "additionally", "despite", "in"})

_LINE = re.compile(r"<!--\s*line (\d+)\s*-->")


@dataclass(frozen=True)
class Claim:
    """One marked claim: a verbatim run of the article, its verdict and the caveats it needs."""

    quote: str
    verdict: tuple[str, ...]
    caveats: tuple[str, ...]


def read_articles(folder: Path) -> list[Article]:
    """Return the articles of `folder` in file order; raises `KnowledgeError` naming a faulty file."""
    return [read_article(path) for path in sorted(folder.glob("*.md")) if path.name != "README.md"]


def read_article(path: Path) -> Article:
    """Return one article; without marked claims its status is `not_reviewed` whatever it says."""
    front, body = _split(path)
    marked = claims_path(path).is_file()
    return Article(
        source=str(front.get("source", path.name)),
        title=str(front.get("title", path.stem)),
        status=str(front.get("status", "not_reviewed")) if marked else "not_reviewed",
        review=read_review(front, path),
        sentences=tuple(_sentences(body)),
        always_with=tuple(front.get("always_with") or ()),
    )


def claims_path(article: Path) -> Path:
    """Return where the marked claims of an article are kept."""
    return article.with_suffix(".claims.yml")


def read_claims(path: Path) -> list[Claim]:
    """Return the marked claims of one article; raises `KnowledgeError` naming a faulty file."""
    return [
        Claim(str(c["quote"]), tuple(c["verdict"]), tuple(c.get("caveats") or ()))
        for c in read_yaml(path).get("claims") or ()
    ]


def check_claims(folder: Path, caveats: Collection[str]) -> None:
    """Raise `KnowledgeError` for a marked claim that is no run of its article, or has an unknown verdict or caveat."""
    for path in sorted(folder.glob("*.claims.yml")):
        article = path.with_name(path.name.replace(".claims.yml", ".md"))
        text = plain(" ".join(sentence for sentence, _, _ in read_article(article).sentences))
        for claim in read_claims(path):
            unknown = [verdict for verdict in claim.verdict if not _VERDICT.fullmatch(verdict)]
            unknown += [key for key in claim.caveats if key not in caveats]
            if unknown:
                raise KnowledgeError(f"{path}: {claim.quote!r}: unknown {', '.join(unknown)}")
            if DENY not in claim.verdict and plain(claim.quote) not in text:  # what is denied may have been cut
                raise KnowledgeError(f"{path}: {claim.quote!r} is not in {article.name}, letter by letter")


def denied_claims(folder: Path) -> list[str]:
    """Return every claim that was marked DENY, in plain letters."""
    return [plain(claim.quote) for path in sorted(folder.glob("*.claims.yml")) for claim in read_claims(path)
            if DENY in claim.verdict]


def passages(folder: Path, denied: list[str], numbers: frozenset[str]) -> list[Passage]:
    """Return every sentence that may be shown by itself: reviewed, marked, approved, not denied.

    `numbers` are the figures that some answer has approved; a sentence with another is left out.
    """
    out: list[Passage] = []
    for path in sorted(folder.glob("*.md")):
        if path.name == "README.md":
            continue
        article = read_article(path)
        if article.reviewed:
            out += _passages(article, read_claims(claims_path(path)), denied, numbers)
    return out


def _passages(
    article: Article, claims: list[Claim], denied: list[str], numbers: frozenset[str]
) -> list[Passage]:
    out: list[Passage] = []
    rows = [("", "", 0), *article.sentences]
    for (before, _, earlier), (sentence, section, line) in itertools.pairwise(rows):
        quotes = [sentence]
        if _leans(sentence):
            # It leans on the sentence before it, so both are shown or neither.
            if earlier != line or _leans(before):
                continue
            quotes = [before, sentence]
        marked = [_marks(quote, claims) for quote in quotes]
        if all(_showable(quote, found, denied, numbers) for quote, found in zip(quotes, marked, strict=True)):
            keys = [key for found in marked for claim in found for key in claim.caveats]
            out.append(Passage(article.source, article.title, section, " ".join(quotes),
                               tuple(dict.fromkeys([*keys, *article.always_with])),
                               sum(len(claim.quote) for found in marked for claim in found) / len(" ".join(quotes))))
    return out


def _leans(sentence: str) -> bool:
    return plain(sentence).split()[0].lower().rstrip(",") in LEANING


def _marks(sentence: str, claims: list[Claim]) -> list[Claim]:
    folded = plain(sentence)
    return [claim for claim in claims if plain(claim.quote) in folded]


def _showable(sentence: str, found: list[Claim], denied: list[str], numbers: frozenset[str]) -> bool:
    folded = plain(sentence)
    return (
        bool(found) and all(set(claim.verdict) <= SHOWABLE for claim in found)
        and not any(part in folded for part in denied)
        and set(re.findall(r"\d[\w%]*", folded)) <= numbers)


def _split(path: Path) -> tuple[dict[str, Any], str]:
    text = path.read_text(encoding="utf-8")
    parts = re.split(r"^---\s*$", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise KnowledgeError(f"{path}: expected front matter between two lines of '---'")
    try:
        front = yaml.safe_load(parts[1]) or {}
    except yaml.YAMLError as error:
        raise KnowledgeError(f"{path}: the front matter is not valid YAML: {error}") from error
    return front, parts[2]


def _sentences(body: str) -> list[tuple[str, str, int]]:
    out: list[tuple[str, str, int]] = []
    section, line = "", 0
    for row in body.splitlines():
        marker = _LINE.match(row)
        if marker:
            line = int(marker.group(1))
        elif row.startswith("#"):
            section = row.lstrip("#").strip()
        elif row.strip() and not row.startswith("<!--"):
            out += [(sentence, section, line) for sentence in sentences(row)]
    return out
