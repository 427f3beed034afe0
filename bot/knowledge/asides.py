"""Short messages that mean something only after an answer: "how long?", "tell me more", "the second one"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .files import KnowledgeError, read_yaml
from .text import expand

CLOSE = 0.5
LONGEST = 12  # words of a message that can be an aside


@dataclass(frozen=True)
class Aside:
    """Ways to say one thing, and, for a question, which entry it means after which topic."""

    ways: tuple[tuple[str, ...], ...]
    after: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", frozenset(word for way in self.ways for word in way))

    def closeness(self, said: tuple[str, ...]) -> float:
        """Return how close a message is to one of the ways, 0 when it holds a word that none of them has."""
        if not said or not set(said) <= self.known:  # type: ignore[attr-defined]
            return 0.0
        return max(1.0 if said == way else len({*said} & {*way}) / len({*said} | {*way}) for way in self.ways)


@dataclass(frozen=True)
class Asides:
    """Every kind of aside, by name; `questions` are those that lead to another entry."""

    moves: Mapping[str, Aside]
    questions: Sequence[Aside]
    fillers: frozenset[str]
    spellings: Mapping[str, str]

    def move(self, text: str) -> str:
        """Return which move a message is ("more", "source", "again", "first", "second", "both"), or ""."""
        said = self._said(text)
        best = max(self.moves, key=lambda name: self.moves[name].closeness(said), default="")
        return best if best and self.moves[best].closeness(said) >= CLOSE else ""

    def question(self, text: str, topic: str) -> str:
        """Return the entry that a short question means after an answer on `topic`, or ""."""
        said = self._said(text)
        close = [(aside.closeness(said), aside.after.get(topic, aside.after.get("*", ""))) for aside in self.questions]
        score, entry = max(close, key=lambda each: each[0], default=(0.0, ""))
        return entry if score >= CLOSE else ""

    def _said(self, text: str) -> tuple[str, ...]:
        found = expand(text, self.spellings).split()
        kept = tuple(word for word in found if word not in self.fillers) or tuple(found)
        return kept if len(found) <= LONGEST else ()


def read_asides(path: Path, entries: Collection[str], spellings: Mapping[str, str]) -> Asides:
    """Return the asides of a file; raises `KnowledgeError` naming what it has wrong."""
    content = read_yaml(path)
    fillers = frozenset(str(word) for word in content.get("fillers") or ())

    def aside(ways: Sequence[str], after: Mapping[str, str]) -> Aside:
        unknown = sorted({*after, *after.values()} - {*entries, "*"})
        if unknown:
            raise KnowledgeError(f"{path}: there is no entry {', '.join(unknown)}")
        split = [expand(str(way), spellings).split() for way in ways]
        return Aside(tuple(tuple(word for word in way if word not in fillers) or tuple(way) for way in split), after)

    try:
        return Asides(
            {str(name): aside(ways, {}) for name, ways in content["moves"].items()},
            [aside(row["questions"], row["after"]) for row in content["questions"]], fillers, spellings)
    except (KeyError, TypeError, AttributeError) as error:
        raise KnowledgeError(f"{path}: not as it must be: {error!r}") from error
