"""The plain values that knowledge is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

STATUS = "K-FDA"  # the block that says what the drug is approved for


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
    options: tuple[str, ...] = ()
    tier: str = ""
    category: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Situation:
    """What a conversation has brought so far, as far as the next answer depends on it.

    `topic`, `said` (caveats) and `sources` are of the last answer; `told` are the
    quotes that were given on its topic, `answered` all topics so far; `shown` are all caveats of the conversation;
    `options` the topics among which the patient was asked to choose just now.
    """

    first: bool = False
    shown: frozenset[str] = frozenset()
    alarming: bool = False
    topic: str = ""
    said: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    told: tuple[str, ...] = ()
    answered: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()

    def after(self, answer: Answer) -> Situation:
        """Return the situation once this answer has been given."""
        unsettled = answer.kind == "abstain" and not answer.sources
        same = answer.topic == self.topic
        quotes = [source.quote for source in answer.sources]
        return Situation(
            first=self.first and STATUS not in answer.caveats,
            shown=self.shown | set(answer.caveats),
            topic=self.topic if unsettled else answer.topic,
            said=self.said if unsettled else answer.caveats,
            sources=self.sources if unsettled else answer.sources,
            told=self.told if unsettled else tuple(dict.fromkeys((*(self.told if same else ()), *quotes))),
            answered=self.answered | {answer.topic},
            options=answer.options)


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
    demands: tuple[str, ...] = ()
    about: str = "ketamine"
    falls_back_to: str = ""
    tier: str = ""
    category: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Caveat:
    """One approved correction block."""

    key: str
    text: str
    documents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passage:
    """One reviewed sentence of an article, with the caveats that its claims need.

    `audited` is the share of its letters that stand in a marked claim.
    """

    article: str
    title: str
    section: str
    quote: str
    caveats: tuple[str, ...] = ()
    audited: float = 1.0


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
