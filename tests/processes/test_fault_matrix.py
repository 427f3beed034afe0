"""The short form of `python -m bench.faults`: every fault on real processes, in the form that this run tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.faults import Place, names_for, place_of, run
from tests.servers import grown_up

pytestmark = pytest.mark.slow
FORM = "grown-up" if grown_up() else "embedded"


@pytest.fixture(scope="module")
def place(trained: None) -> Iterator[Place]:
    with place_of(FORM) as place:
        yield place


@pytest.mark.parametrize("name", names_for(FORM))
def test_no_message_is_lost_doubled_or_crossed_and_nobody_is_left_alone(place: Place, name: str) -> None:
    cell = run(place, name, messages=40, seconds=5.0, patients=8)
    if cell.skipped:
        pytest.skip(cell.skipped)
    assert cell.result == "held", cell
    assert cell.verdict.confirmed == cell.verdict.messages
    assert cell.verdict.dangers > 0
