"""Offering times stays quick with a year of five people's calendars: `python -m bench.scheduling` prints the figures."""

from __future__ import annotations

import pytest

from bench.scheduling import LIMIT, measure

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_offers_are_quick_with_a_year_of_five_calendars() -> None:
    # The best of some runs: other work on the machine is not what is measured.
    best: dict[str, float] = {}
    for wish, (median, _high) in measure(15).items():
        best[wish] = min(median, best.get(wish, median))
    assert max(best.values()) < LIMIT, best
