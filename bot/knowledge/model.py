"""The plain values that knowledge is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Source:
    """Where a shown line comes from; `quote` is a verbatim run of the file `article`."""

    article: str
    title: str
    section: str
    quote: str


@dataclass(frozen=True)
class Answer:
    """What the assistant says to one question, and why it may say it."""

    kind: str
    topic: str
    text: str
    caveats: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    suggestions: tuple[str, ...] = ()
    score: float = 0.0
    offers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Review:
    """Who answers for a text, and until when; nobody has signed a draft."""

    signed_by: str | None
    reviewed_on: date
    review_by: date


@dataclass(frozen=True)
class Line:
    """One line of an answer: a verbatim quote, and the edited wording shown in its place, if any."""

    article: str
    section: str
    quote: str
    line: int = 0
    show: str = ""
    edit: str = ""

    @property
    def shown(self) -> str:
        """Return the words that the patient reads."""
        return self.show or self.quote


@dataclass(frozen=True)
class Entry:
    """One question that the assistant knows how to meet: a topic, a behaviour or a clinic fact."""

    id: str
    title: str
    kind: str
    questions: tuple[str, ...]
    review: Review
    text: str = ""
    text_without_facts: str = ""
    lines: tuple[Line, ...] = ()
    contrast: str = ""
    caveats: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    code: str = ""
    compares_medicines: bool = False


@dataclass(frozen=True)
class Caveat:
    """One approved correction block."""

    key: str
    text: str
    sources: str = ""


@dataclass(frozen=True)
class Passage:
    """One reviewed sentence of an article, with the caveats that its claims need."""

    article: str
    title: str
    section: str
    quote: str
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Article:
    """One article as filed: its sentences in order, each with its section and original line."""

    source: str
    title: str
    status: str
    review: Review
    sentences: tuple[tuple[str, str, int], ...] = ()
    always_with: tuple[str, ...] = ()

    @property
    def reviewed(self) -> bool:
        """Return whether its claims have been marked, so that it may speak."""
        return self.status == "reviewed"
