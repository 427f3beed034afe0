"""What the desk's masking finds and misses, by kind: `python -m bench.masking`, over `tests/desk/personal_card.yml`."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.desk.personal import find_details

FILE = Path(__file__).resolve().parent.parent / "tests" / "desk" / "personal_card.yml"
_MARKED = re.compile(r"[«»]")


@dataclass
class Row:
    """The count of one kind of detail: found whole, found in part, missed; and letters hidden for nothing."""

    kind: str
    whole: int = 0
    missed: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    sentences: int = 0

    @property
    def details(self) -> int:
        """Return how many details there were."""
        return self.whole + len(self.missed)


def measure(path: Path = FILE) -> list[Row]:
    """Return a row a kind."""
    rows = []
    for kind, sentences in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        row = Row(kind, sentences=len(sentences))
        for marked in sentences:
            _judge(row, marked)
        rows.append(row)
    return rows


def _judge(row: Row, marked: str) -> None:
    text, spans = _unmarked(marked)
    hidden = {place for detail in find_details(text) for place in range(detail.start, detail.end)}
    for start, end in spans:
        letters = {place for place in range(start, end) if text[place].isalnum()}
        # A title before a name says nothing of who it is.
        title = re.match(r"(?:dr|mr|mrs|ms|nurse)\.?\s+", text[start:end], re.IGNORECASE)
        if title:
            letters -= set(range(start, start + title.end()))
        if letters <= hidden:
            row.whole += 1
        else:
            row.missed.append(text[start:end])
    meant = {place for start, end in spans for place in range(start, end)}
    needless = {place for place in hidden - meant if text[place].isalnum()}
    if needless:
        row.needless.append(text)


def _unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the sentence without its marks, and where the details are in it."""
    edges = [match.start() - before for before, match in enumerate(_MARKED.finditer(marked))]
    return _MARKED.sub("", marked), list(zip(edges[::2], edges[1::2], strict=True))


def main() -> int:
    """Print the card."""
    print(f"{'kind':10}{'details':>8}{'masked':>8}{'missed':>8}{'hides too much in':>20}")
    for row in (rows := measure()):
        print(f"{row.kind:10}{row.details:8}{row.whole:8}{len(row.missed):8}{len(row.needless):13} of {row.sentences}")
    for row in rows:
        for text in row.missed:
            print(f"  missed {row.kind}: {text!r}")
        for text in row.needless:
            print(f"  hides too much: {text!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
