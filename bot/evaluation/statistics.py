"""Shares with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Iterable

_Z = 1.96


@dataclass(frozen=True)
class Share:
    """`hits` of `total`, with the 95 % Wilson interval."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """Return the share, from 0 to 1; 0 when there is nothing to share."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % Wilson interval."""
        if not self.total:
            return 0.0, 1.0
        n, p = self.total, self.value
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_dict(self) -> dict[str, Any]:
        """Return the share for JSON."""
        low, high = self.interval
        return {"hits": self.hits, "of": self.total, "share": round(self.value, 4),
                "low": round(low, 4), "high": round(high, 4)}

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.value:.1f} % ({self.hits} of {self.total}; {100 * low:.0f} to {100 * high:.0f})"


def share(flags: Iterable[bool]) -> Share:
    """Return how many of `flags` are true."""
    found = list(flags)
    return Share(sum(found), len(found))


def median(values: Iterable[float]) -> float:
    """Return the median, 0 for no values."""
    found = sorted(values)
    return found[len(found) // 2] if found else 0.0


def quantile(values: Iterable[float], part: float) -> float:
    """Return the value below which `part` of `values` lie, 0 for no values."""
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * part))] if found else 0.0
