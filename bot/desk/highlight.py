"""A message cut where the screen's reasons begin and end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Piece:
    """A run of text and the rules that fired on it (none: plain text)."""

    text: str
    rules: tuple[str, ...]

    @property
    def why(self) -> str:
        """Return the rules in one line."""
        return ", ".join(self.rules)


def pieces(text: str, reasons: Iterable[Mapping[str, Any]]) -> list[Piece]:
    """Return the text in pieces; a reason over the whole text marks nothing, since it would mark all."""
    spans = [span for reason in reasons if (span := _span(reason, len(text)))]
    cuts = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    return [Piece(text[start:end], _rules_over(spans, start, end))
            for start, end in pairwise(cuts)]


def _rules_over(spans: list[tuple[int, int, str]], start: int, end: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule for a, b, rule in spans if a <= start and end <= b))


def _span(reason: Mapping[str, Any], length: int) -> tuple[int, int, str] | None:
    """Return start, end and rule, or None for a reason that points at no part of this text."""
    try:
        start, end = (int(edge) for edge in reason.get("span", ()))
    except (TypeError, ValueError):
        return None
    start, end = max(0, start), min(end, length)
    if start >= end or (end - start == length and reason.get("by") != "lexicon"):
        return None
    return start, end, str(reason.get("rule", ""))
