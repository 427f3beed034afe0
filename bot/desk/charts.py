"""Bars as plain SVG: no script, no third party, readable in print; every chart has its table beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, FOOT, LEFT = 720, 180, 20, 34


@dataclass(frozen=True)
class Bar:
    """One rectangle in the units of the picture, with what it says."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True)
class Mark:
    """A word at an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Bars with their axes."""

    bars: tuple[Bar, ...]
    below: tuple[Mark, ...]
    lines: tuple[Mark, ...]
    names: tuple[str, ...]
    width: int = WIDTH
    height: int = HEIGHT + FOOT


def stacked(labels: Sequence[str], series: Mapping[str, Sequence[int]], every: int = 1) -> Chart:
    """Return bars side by side, one a label, the series on top of each other; `every` label is written."""
    totals = [sum(values[place] for values in series.values()) for place in range(len(labels))]
    top = nice_top(max(totals, default=0))
    step = (WIDTH - LEFT) / max(1, len(labels))
    bars: list[Bar] = []
    for place, label in enumerate(labels):
        y = float(HEIGHT)
        for number, (name, values) in enumerate(series.items()):
            height = HEIGHT * values[place] / top
            y -= height
            if values[place]:
                bars.append(Bar(round(LEFT + place * step + step * .1, 1), round(y, 1), round(step * .8, 1),
                                round(height, 1), number, f"{label}, {name}: {values[place]}"))
    below = [Mark(round(LEFT + (place + .5) * step, 1), HEIGHT + FOOT - 5, label)
             for place, label in enumerate(labels) if place % every == 0]
    lines = [Mark(LEFT, round(HEIGHT - HEIGHT * part / 2, 1), f"{top * part / 2:g}") for part in range(3)]
    return Chart(tuple(bars), tuple(below), tuple(lines), tuple(series))


def nice_top(highest: int) -> int:
    """Return a round number that the axis ends at: 2, 4, 10, 20, 40, 100 …"""
    top = 2
    while top < highest:
        top = top * 2 if str(top)[0] in "12" else top * 5 // 2
    return top


def shares(rows: Sequence[tuple[str, int]]) -> list[tuple[str, int, float]]:
    """Return each row with its length, 0 to 100, beside the longest."""
    longest = max((number for _, number in rows), default=0) or 1
    return [(label, number, round(100 * number / longest, 1)) for label, number in rows]
