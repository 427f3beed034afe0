"""The faults: each does its harm to a `Place` for so many seconds and takes it back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from bench.fault_place import Place

WEB, RASA, ACTIONS, WORKER = "uvicorn", "bot.dialogue.serve", "bot.dialogue.actions_server", "bot.records.worker"
SUPERVISOR = "bot.commands._supervisord"
ALL_WEB_DOWN = ("kill -9: web", "disk full, and web killed", "supervisor killed", "power cut")

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
            while True:
                try:
                    cursor.execute("LOCK TABLE records_message, records_conversation IN ACCESS EXCLUSIVE MODE")
                    break
                except psycopg2.errors.DeadlockDetected:  # with the service, which takes them one by one
                    other.rollback()
            time.sleep(seconds)
            other.rollback()
        return
    import sqlite3

    file = Path(place.service.environment["BOT_VAR"]) / "bot.sqlite3"
    with closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")


def _full(then: Callable[[Place], None]) -> Fault:
    def fill(place: Place, seconds: float) -> None:
        """Fill the disk that the clinic's data is on."""
        if not place.small.is_mount():
            raise NotImplementedError("no disk of its own could be made here (needs root)")
        filler = place.small / "filler"
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 512):
                with suppress(OSError):
                    while file.write(b"\0" * size) == size:
                        pass
        time.sleep(seconds / 2)
        then(place)
        time.sleep(seconds / 2)
        filler.unlink()

    return fill


def _kill_web(place: Place) -> None:
    for pid in place.service.pids(WEB):
        os.kill(pid, signal.SIGKILL)


fault("disk full")(_full(lambda place: None))
fault("disk full, and web killed")(_full(_kill_web))


def _gone(name: str) -> Fault:
    def gone(place: Place, seconds: float) -> None:
        """Stop a server at once, as a crash does, and start it again."""
        server = place.postgresql if name == "database" else place.redis
        assert server is not None
        server.stop()
        time.sleep(seconds)
        server.start()

    return gone


fault("database gone and back", "grown-up")(_gone("database"))


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


fault("Redis gone and back", "grown-up")(_gone("Redis"))


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


@fault("supervisor killed", "embedded")
def supervisor_killed(place: Place, seconds: float) -> None:
    """Kill the one who brings dead processes back, and then what it left behind is started anew."""
    place.cut = True  # the stand-in for the carrier goes with it
    for pid in place.service.pids(SUPERVISOR):
        os.kill(pid, signal.SIGKILL)
    time.sleep(seconds)


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


def names_for(form: str) -> list[str]:
    """Return the faults that a form can have."""
    return [name for name, (_, forms) in FAULTS.items() if forms in ("both", form)]
