"""What people tell of their lives narrows the times: the examples of `data/booking/circumstances.yml`."""

from __future__ import annotations

import pytest

from bot.scheduling.circumstances import circumstances
from bot.scheduling.wishes import read_wish
from tests.scheduling.test_phrasings import GRID, NOW, ZONE, meant


@pytest.mark.parametrize("text, wanted", circumstances()["examples"].items())
def test_a_circumstance_means_what_it_says(text: str, wanted: str) -> None:
    wish = read_wish(text, NOW)
    assert wish is not None
    assert {start for start in GRID if wish.fits(start, ZONE)} == meant(wanted)
