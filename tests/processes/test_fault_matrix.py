"""The short form of `python -m bench.faults`: every fault on real processes, each in the form where it bites most.

`make test` runs those of the embedded form, `make test-postgresql` those of the grown-up one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.fault_list import names_for
from bench.fault_place import Place
from bench.faults import place_of, run
from tests.servers import grown_up

pytestmark = pytest.mark.slow
FORM = "grown-up" if grown_up() else "embedded"
EMBEDDED = {"kill -9: web", "kill -9: worker, while it sends", "database locked", "disk full, and web killed",
            "supervisor killed", "rasa hangs",
            "clock jumps an hour ahead and back", "power cut"}
BOTH = {"power cut"}
NAMES = [name for name in names_for(FORM) if name in BOTH or (name in EMBEDDED) == (FORM == "embedded")]


@pytest.fixture(scope="module")
def place(trained: None) -> Iterator[Place]:
    with place_of(FORM) as place:
        yield place


@pytest.mark.parametrize("name", NAMES)
def test_no_message_is_lost_doubled_or_crossed_and_nobody_is_left_alone(place: Place, name: str) -> None:
    cell = run(place, name, messages=40, seconds=5.0, patients=8)
    if cell.skipped:
        pytest.skip(cell.skipped)
    assert cell.result == "held", cell
    assert cell.verdict.confirmed == cell.verdict.messages
    assert cell.verdict.dangers > 0
