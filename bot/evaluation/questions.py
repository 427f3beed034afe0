"""The questions that answers are measured on: held apart from everything that is trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

# What an honest "I don't know that" may be.
SILENCE = ("abstain", "out_of_scope", "small_talk", "handoff")
# Behaviours that must not fail: supply, misuse, doses and interactions.
CRITICAL = frozenset({"N01", "N02", "N03", "N04", "N05", "N06", "N07", "N08", "N35", "N36", "N67"})


@dataclass(frozen=True)
class Question:
    """One question, the entries and kinds that are right for it, and the set it stands in."""

    text: str
    entries: tuple[str, ...]
    kinds: tuple[str, ...]
    file: str

    @property
    def topic(self) -> str:
        """Return the topic that answers it, "" for a question that no topic answers."""
        return self.entries[0] if self.kinds == ("answer",) and self.entries[0].startswith("T") else ""

    @property
    def critical(self) -> bool:
        """Return whether a wrong reply could put a dose, a source or a mix into someone's hands."""
        return bool(CRITICAL & set(self.entries))


def read_questions(folder: Path, names: tuple[str, ...]) -> list[Question]:
    """Return the questions of the sets of that name in `folder`."""
    out: list[Question] = []
    for name in names:
        content = yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8"))
        out += [Question(text, (topic,), ("answer",), name)
                for topic, texts in content["topics"].items() for text in texts]
        out += [Question(text, tuple(row["entries"]), tuple(row["kinds"]), name)
                for row in content["others"] for text in row["questions"]]
        out += [Question(text, (), SILENCE, name) for text in content.get("none") or ()]
    return out
