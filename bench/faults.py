"""The fault matrix: patients write without a pause while parts die, hang, fill up or lie; then the records are read.

`python -m bench.faults` runs it whole, `--short` as every test run does. One line a fault and form; a fault
of ours is a message that was confirmed and is not on record once, in its own conversation; danger without
its reply in time or without an alert; a patient without a reply; a fallback of which staff were not told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.pages import put
from bench.patients import Ledger, Verdict, as_json, compare, crowd
from tests import servers
from tests.tools import ROOT, Patient, Service, call, wait_for

FOLDER = ROOT / "var" / "bench"
DANGER_LIMIT = 3.0     # seconds in which danger is answered while a web process is there to take it
BACK_LIMIT = 40.0      # ... and from the first try, where it has to be started first
ON_CALL = "+12125550188"
SETTLE = 120.0         # seconds after the fault in which everything has to be on record
WEB, RASA, ACTIONS, WORKER = "uvicorn", "bot.dialogue.serve", "bot.dialogue.actions_server", "bot.records.worker"
KINDS = ("WEB", "RASA", "ACTIONS", "WORKER")


class Place:
    """A service in one of its two forms, and what is around it that can fail."""

    def __init__(self, form: str, folder: Path, full_disk: bool = True) -> None:
        self.form, self.folder = form, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.cut = False
        self.proxy: servers.Proxy | None = None
        self.postgresql: servers.PostgreSQL | None = None
        self.redis: servers.Redis | None = None
        self.clock = folder / "clock"
        self.small = folder / "small"
        self.clock.write_text("0\n")
        self.shifts = shutil.which("cc") is not None
        environment = {"BOT_VAR": str(self._small_disk() if full_disk else folder / "var")}
        if self.shifts:
            shim = folder / "clock.so"
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(shim), str(ROOT / "bench" / "clock.c"), "-ldl"],
                           check=True)
            environment |= {"LD_PRELOAD": str(shim), "CLOCK_SHIFT": str(self.clock)}
        if form == "grown-up":
            self.postgresql, self.redis = servers.PostgreSQL(durable=True), servers.Redis()
            environment |= {"DATABASE_URL": self.postgresql.database(), "REDIS_URL": self.redis.url}
            environment |= {f"{kind}_PROCESSES": "2" for kind in KINDS}
        else:
            environment |= {"DATABASE_URL": "", "REDIS_URL": ""}
        clinic = folder / "clinic.yml"
        clinic.write_text((ROOT / "clinic.yml").read_text().replace("  phones: []", f'  phones: ["{ON_CALL}"]', 1))
        environment["CLINIC_FILE"] = str(clinic)
        self.service = Service(folder, **environment)

    def __enter__(self) -> Place:
        try:
            self.service.__enter__()
        except BaseException:
            self.__exit__()
            raise
        if self.form == "grown-up":
            first = int(self.service.base.rsplit(":", 1)[1])
            self.proxy = servers.Proxy([first, first + 1])
        return self

    def __exit__(self, *args: object) -> None:
        self.service.__exit__()
        for each in (self.proxy, self.postgresql, self.redis):
            if each is not None:
                each.end()
        if self.small.is_mount():
            subprocess.run(["umount", "-l", str(self.small)], check=False)

    @property
    def base(self) -> str:
        """Where patients find it."""
        return self.proxy.base if self.proxy else self.service.base

    def _small_disk(self) -> Path:
        """Return a folder on a disk of its own that a few megabytes fill, where this machine lets us make one."""
        self.small.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(self.small)], check=False,
                       stderr=subprocess.DEVNULL)
        return self.small / "var"


Fault = Callable[[Place, float], None]
FAULTS: dict[str, tuple[Fault, str]] = {}


def fault(name: str, forms: str = "both") -> Callable[[Fault], Fault]:
    """Enter a fault into the matrix, for one form or for both."""
    def enter(function: Fault) -> Fault:
        FAULTS[name] = (function, forms)
        return function

    return enter


@fault("nothing fails")
def nothing(place: Place, seconds: float) -> None:
    """Let them talk."""
    time.sleep(seconds)


def _killed(module: str) -> Fault:
    def kill(place: Place, seconds: float) -> None:
        """Kill each process of a kind outright, more than once; the supervisor starts them anew."""
        until = time.monotonic() + seconds
        while True:
            for pid in place.service.pids(module):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() + 4 > until:
                return
            time.sleep(4)

    return kill


for _name, _module in (("web", WEB), ("rasa", RASA), ("actions", ACTIONS), ("worker, while it sends", WORKER)):
    fault(f"kill -9: {_name}")(_killed(_module))


@fault("database locked")
def locked(place: Place, seconds: float) -> None:
    """Hold what every message has to write to."""
    url = place.service.environment["DATABASE_URL"]
    if url:
        import psycopg2

        with closing(psycopg2.connect(url)) as other, other.cursor() as cursor:
            cursor.execute("LOCK TABLE records_message, records_conversation IN ACCESS EXCLUSIVE MODE")
            time.sleep(seconds)
            other.rollback()
        return
    import sqlite3

    file = Path(place.service.environment["BOT_VAR"]) / "bot.sqlite3"
    with closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")


@fault("disk full")
def disk_full(place: Place, seconds: float) -> None:
    """Fill the disk that the clinic's data is on."""
    if not place.small.is_mount():
        raise NotImplementedError("no disk of its own could be made here (needs root)")
    filler = place.small / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 512):
            with suppress(OSError):
                while file.write(b"\0" * size) == size:
                    pass
    time.sleep(seconds)
    filler.unlink()


@fault("database gone and back", "grown-up")
def database_gone(place: Place, seconds: float) -> None:
    """Stop PostgreSQL at once, as a crash does, and start it again."""
    assert place.postgresql is not None
    place.postgresql.stop()
    time.sleep(seconds)
    place.postgresql.start()


@fault("database hangs", "grown-up")
def database_hangs(place: Place, seconds: float) -> None:
    """Stop every process of PostgreSQL without ending it."""
    import psutil

    assert place.postgresql is not None
    assert place.postgresql.process is not None
    tree = [psutil.Process(place.postgresql.process.pid)]
    tree += tree[0].children(recursive=True)
    for each in tree:
        with suppress(psutil.Error):
            each.suspend()
    time.sleep(seconds)
    for each in tree:
        with suppress(psutil.Error):
            each.resume()


@fault("Redis gone and back", "grown-up")
def redis_gone(place: Place, seconds: float) -> None:
    """Kill Redis and start it again."""
    assert place.redis is not None
    place.redis.stop()
    time.sleep(seconds)
    place.redis.start()


def _hanging(module: str) -> Fault:
    def hang(place: Place, seconds: float) -> None:
        """Stop each process of a kind without ending it: it takes connections and answers nobody."""
        pids = place.service.pids(module)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    return hang


fault("rasa hangs")(_hanging(RASA))
fault("actions slow")(_hanging(ACTIONS))


def _jump(step: str) -> Fault:
    def jump(place: Place, seconds: float) -> None:
        """Set the clock of every process, and set it right again."""
        if not place.shifts:
            raise NotImplementedError("there is no C compiler (apt-get install gcc libc6-dev)")
        place.clock.write_text(f"{step}\n")
        time.sleep(seconds)
        place.clock.write_text("0\n")

    return jump


fault("clock jumps an hour ahead and back")(_jump("3600"))
fault("clock jumps an hour back and ahead")(_jump("-3600"))


@fault("power cut")
def power_cut(place: Place, seconds: float) -> None:
    """Kill everything at once, the servers around it too, and start it again."""
    place.cut = True
    place.service.cut_power()
    for server in (place.postgresql, place.redis):
        if server is not None:
            server.stop()
            server.start()
    place.service.__enter__()


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
        down = self.fault in ("kill -9: web", "power cut")
        return self.verdict.slowest_danger_whole if down else self.verdict.slowest_danger

    @property
    def result(self) -> str:
        """Return "held", or what went wrong."""
        if self.skipped:
            return f"not run: {self.skipped}"
        wrong = [f"{count} {name.replace('_', ' ')}" for name, count in self.verdict.faults.items()]
        limit = BACK_LIMIT if self.fault in ("kill -9: web", "power cut") else DANGER_LIMIT
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
    """Return how many alerts' texts did not reach the phone on call exactly once."""
    rows = place.service.ask("SELECT body, state FROM records_outbox WHERE kind = 'sms'")
    unsent = sum(state != "sent" for _, state in rows)
    if place.cut:  # the carrier's stand-in, which forgets with its process, went with the power
        return unsent
    _, shown = call(f"{place.service.standin}/console", {"delivered": True})
    got = Counter(text["body"] for text in shown["delivered"] if "records are down" not in text["body"])
    due = Counter(body for body, _ in rows)
    return unsent + (got - due).total() + (due - got).total()


@contextmanager
def place_of(form: str) -> Iterator[Place]:
    """Start a service of a form in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, Place(form, Path(folder)) as place:
        yield place


def names_for(form: str) -> list[str]:
    """Return the faults that a form can have."""
    return [name for name, (_, forms) in FAULTS.items() if forms in ("both", form)]


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
        with place_of(form) as place:
            for name in names_for(form):
                if arguments.only and not any(part in name for part in arguments.only.split(",")):
                    continue
                cell = run(place, name, arguments.messages, arguments.seconds, arguments.patients, arguments.rate)
                cells.append(cell)
                print(f"{form:9} {name:38} {cell.seconds:6.1f} s  {cell.result}", flush=True)
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
