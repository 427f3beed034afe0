"""Offering times stays quick with a year of five people's calendars: `python -m bench.scheduling` prints the figures."""

from __future__ import annotations

import pytest

from bench.scheduling import LIMIT, measure

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_offers_are_quick_with_a_year_of_five_calendars() -> None:
    found = measure(15)
    assert max(spent for spent, _clock in found.values()) < LIMIT, found
