"""The fault matrix: patients write without a pause while parts die, hang, fill up or lie; then the records are read.

`python -m bench.faults` runs it whole; every test run does so in short. One line a fault and form; a fault
of ours is a message that was confirmed and is not on record once, in its own conversation; danger without
its reply in time or without an alert; a patient without a reply; a fallback of which staff were not told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.fault_list import ALL_WEB_DOWN, FAULTS, names_for
from bench.fault_place import Place
from bench.pages import put
from bench.patients import Ledger, Verdict, as_json, compare, crowd
from tests.tools import ROOT, Patient, call, wait_for

FOLDER = ROOT / "var" / "bench"
DANGER_LIMIT = 3.0     # seconds in which danger is answered while a web process is there to take it
BACK_LIMIT = 40.0      # ... and from the first try, where it has to be started first
SETTLE = 120.0         # seconds after the fault in which everything has to be on record


@dataclass
class Cell:
    """What came of one fault in one form."""

    fault: str
    form: str
    verdict: Verdict
    seconds: float
    recovered: bool
    sms_wrong: int = 0
    skipped: str = ""

    @property
    def danger_in(self) -> float:
        """Return the seconds by which danger is measured: from the first try where all web processes were down."""
        return self.verdict.slowest_danger_whole if self.fault in ALL_WEB_DOWN else self.verdict.slowest_danger

    @property
    def result(self) -> str:
        """Return "held", or what went wrong."""
        if self.skipped:
            return f"not run: {self.skipped}"
        wrong = [f"{count} {name.replace('_', ' ')}" for name, count in self.verdict.faults.items()]
        limit = BACK_LIMIT if self.fault in ALL_WEB_DOWN else DANGER_LIMIT
        if self.danger_in > limit:
            wrong.append(f"danger after {self.danger_in:.1f} s")
        if not self.recovered:
            wrong.append("did not recover")
        if self.sms_wrong:
            wrong.append(f"{self.sms_wrong} texts not sent once")
        return ", ".join(wrong) or "held"


def run(place: Place, name: str, messages: int, seconds: float, patients: int = 10, rate: float | None = None) -> Cell:
    """Return what came of one fault while patients wrote.

    With a `rate` (messages a second) they write for as long as that takes, and the fault comes again and again.
    """
    function, _ = FAULTS[name]
    ledger, started, through = Ledger(), time.monotonic(), threading.Event()
    trouble: list[BaseException] = []

    def inject() -> None:
        through.wait(1.0)
        try:
            function(place, seconds)
            while rate and not through.wait(2 * seconds):
                function(place, seconds)
        except BaseException as error:
            trouble.append(error)

    injecting = threading.Thread(target=inject)
    injecting.start()
    pause = max(0.05, patients / rate if rate else (seconds + 2) * patients / messages)
    asyncio.run(crowd(place.service, ledger, patients, messages, pause, seed=len(name), base=place.base))
    through.set()
    injecting.join()
    if trouble and isinstance(trouble[0], NotImplementedError):
        return Cell(name, place.form, Verdict(), 0.0, True, skipped=str(trouble[0]))
    if trouble:
        raise trouble[0]
    recovered = _recovers(place)
    _settle(place, ledger)
    return Cell(name, place.form, compare(place.service, ledger), time.monotonic() - started, recovered,
                _texts_wrong(place))


def _recovers(place: Place) -> bool:
    """Return whether an ordinary question is answered again within a minute."""
    def answers() -> bool:
        try:
            return Patient(place.base).say("is it safe")[0]["kind"] == "answer"
        except (OSError, AssertionError, ValueError):
            return False

    try:
        wait_for(answers, 60)
    except TimeoutError:
        return False
    return True


def _settle(place: Place, ledger: Ledger) -> None:
    """Wait until all that was confirmed is on record and told, or until it should have been."""
    def done() -> bool:
        try:
            return not compare(place.service, ledger).faults and not _texts_waiting(place)
        except Exception:
            return False

    with suppress(TimeoutError):
        wait_for(done, SETTLE)


def _texts_waiting(place: Place) -> int:
    return int(place.service.ask("SELECT count(*) FROM records_outbox WHERE state IN ('queued', 'sending')")[0][0])


def _texts_wrong(place: Place) -> int:
    """Return how many alerts' texts did not reach the phone on call exactly once.

    Alerts that nobody acknowledges are repeated, so some texts are always on their way: what is wrong stays wrong.
    """
    with suppress(TimeoutError):
        wait_for(lambda: not _texts_wrong_now(place), 30)
    return _texts_wrong_now(place)


def _texts_wrong_now(place: Place) -> int:
    rows = place.service.ask("SELECT body, state FROM records_outbox WHERE kind = 'sms'")
    unsent = sum(state != "sent" for _, state in rows)
    if place.cut:  # the carrier's stand-in, which forgets with its process, went with the power
        return unsent
    _, shown = call(f"{place.service.standin}/console", {"delivered": True})
    got = Counter(text["body"] for text in shown["delivered"] if "records are down" not in text["body"])
    due = Counter(body for body, _ in rows)
    return unsent + (got - due).total() + (due - got).total()


@contextmanager
def place_of(form: str, disk: str = "96m") -> Iterator[Place]:
    """Start a service of a form in a folder that goes with it, on a disk of this size."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, Place(form, Path(folder), disk) as place:
        yield place


def table(cells: list[Cell]) -> str:
    """Return the matrix as Markdown."""
    lines = ["| fault | form | messages | in danger | fallbacks | slowest danger | result |",
             "|---|---|---|---|---|---|---|"]
    for cell in cells:
        found = cell.verdict
        lines.append(f"| {cell.fault} | {cell.form} | {found.messages} | {found.dangers} | {found.fallbacks} | "
                     f"{cell.danger_in:.2f} s | {cell.result} |")
    return "\n".join(lines)


def main() -> int:
    """Run the matrix, print it, and return 1 when a cell did not hold."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--form", choices=("embedded", "grown-up", "both"), default="both")
    parser.add_argument("--only", help="only faults whose name holds one of these, with commas")
    parser.add_argument("--messages", type=int, default=600, help="messages a cell")
    parser.add_argument("--patients", type=int, default=20, help="conversations at once")
    parser.add_argument("--rate", type=float, help="messages a second; each fault then comes again and again")
    parser.add_argument("--write", action="store_true", help="put the table into docs/faults.md")
    parser.add_argument("--seconds", type=float, default=12.0, help="for which a fault lasts")
    arguments = parser.parse_args()
    cells: list[Cell] = []
    for form in ("embedded", "grown-up") if arguments.form == "both" else (arguments.form,):
        with place_of(form, "2g" if arguments.rate else "96m") as place:
            for name in names_for(form):
                if arguments.only and not any(part in name for part in arguments.only.split(",")):
                    continue
                cell = run(place, name, arguments.messages, arguments.seconds, arguments.patients, arguments.rate)
                cells.append(cell)
                print(table([cell]).splitlines()[-1] + f" {cell.seconds:.0f} s |", flush=True)
    print(table(cells))
    if arguments.write:
        total = sum(cell.verdict.messages for cell in cells)
        put(ROOT / "docs" / "faults.md", "matrix", f"One run, {total:,} messages:\n\n{table(cells)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "faults.json").write_text(json.dumps(
        [{"fault": cell.fault, "form": cell.form, "result": cell.result, "recovered": cell.recovered,
          **as_json(cell.verdict)} for cell in cells], indent=1))
    return 0 if all(cell.result == "held" or cell.skipped for cell in cells) else 1


if __name__ == "__main__":
    os.environ.update(RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="3")
    sys.exit(main())
