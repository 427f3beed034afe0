"""How much one machine carries, beside the stock bot in the same run: what `docs/sizing.md` plans from.

`python -m bench.scale` takes two and a half hours, an hour of them for each bot's memory; `--quick` takes
minutes. Figures go to `var/bench/scale.json`. Turns are measured in processor time, which other work on the
machine does not move.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from bench.load import Target, measure
from bench.openloop import CONVERSATIONS, highest_rate, stream
from bench.pages import put
from bench.service import Ours, Stock
from tests import servers
from tests.tools import ROOT, Service

FOLDER = ROOT / "var" / "bench"
LEVELS = (1, 8, 32, 128)
TURNS = (10, 100, 1000)
MODULES = ("uvicorn", "bot.dialogue.serve", "bot.dialogue.actions_server", "bot.records.worker")


def pids_of(target: Any) -> list[int]:
    """Return the processes that answer for a bot."""
    if isinstance(target, Stock):
        assert target.process is not None
        return [target.process.pid]
    service: Service = target.service
    return [pid for module in MODULES for pid in service.pids(module)]


def processor(pids: list[int]) -> float:
    """Return the seconds of processor time that the threads of processes have used so far, to the nanosecond."""
    files = [file for pid in pids for file in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def memory(pids: list[int]) -> float:
    """Return the resident memory of processes in MB."""
    return sum(psutil.Process(pid).memory_info().rss for pid in pids) / 2**20


async def turns(target: Any, texts: tuple[str, ...], upto: int) -> dict[int, float]:
    """Return the processor time in ms of a turn around the 10th, 100th and 1,000th of one conversation."""
    pids, found = pids_of(target), {}
    async with aiohttp.ClientSession() as session:
        chat = await target.open(session)
        # The same questions at every mark, so that their own cost is the same.
        marks = {turn: len(texts) for turn in TURNS if turn <= upto}
        started: dict[int, float] = {}
        for turn in range(1, upto + max(marks.values()) + 1):
            for mark, width in marks.items():
                if turn == mark - width // 2:
                    started[mark] = processor(pids)
                if turn == mark - width // 2 + width:
                    found[mark] = (processor(pids) - started[mark]) / width * 1000
            began = time.monotonic()
            await target.say(session, chat, texts[turn % len(texts)])
            if any(abs(turn - mark) <= width for mark, width in marks.items()):
                # One message a second at every mark, as our pace has it after the first thirty: what the
                # processes do meanwhile, with nobody writing, counts the same everywhere.
                await asyncio.sleep(max(0.0, 1.0 - (time.monotonic() - began)))
    return found


async def soak(target: Any, rate: float, seconds: float, samples: int) -> list[float]:
    """Return the memory in MB at even distances of time under a steady stream of messages."""
    found = [memory(pids_of(target))]
    for number in range(samples):
        await stream(target, rate, seconds / samples, seed=number)
        found.append(memory(pids_of(target)))
    return found


async def idle_widgets(ours: Ours, count: int) -> dict[str, float]:
    """Return what so many open widgets cost that only wait: memory, processor, and the others' latency."""
    assert ours.service is not None
    script = ("import sys\nfrom bot.commands._django import setup\nsetup()\n"
              "from bot.channels import tokens\nfrom bot.records.models import Conversation\n"
              f"made = Conversation.objects.bulk_create([Conversation(channel='web') for _ in range({count})])\n"
              "print('\\n'.join(map(tokens.issue, made)))\n")
    made = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=ours.service.environment, check=True,
                          capture_output=True, text=True)
    pids = ours.service.pids("uvicorn")
    before = memory(pids)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0),
                                     timeout=aiohttp.ClientTimeout(total=None)) as session:
        gate = asyncio.Semaphore(200)

        async def listen(token: str) -> aiohttp.ClientResponse:
            async with gate:
                response = await session.get(f"{ours.service.base}/api/events",  # type: ignore[union-attr]
                                             headers={"Authorization": f"Bearer {token}"})
                await response.content.readline()
                return response

        lines = await asyncio.gather(*(listen(token) for token in made.stdout.split()))
        used, started = processor(pids), time.monotonic()
        await asyncio.sleep(10)
        load = (processor(pids) - used) / (time.monotonic() - started)
        while_idle = await stream(ours, 5, 10)
        found = {"open": float(sum(line.status == 200 for line in lines)), "memory MB": memory(pids) - before,
                 "processor %": load * 100, "p95 ms of 5 messages/s": while_idle.p95}
        for line in lines:
            line.close()
    return found


def with_rasas(count: int, messages: int) -> dict[str, float]:
    """Return what 32 conversations get with so many Rasa processes on PostgreSQL and Redis, and what it takes."""
    ours = Ours(FOLDER)
    ours.service = Service(FOLDER / f"rasas-{count}-{os.getpid()}", DATABASE_URL=servers.postgresql().database(),
                           REDIS_URL=servers.redis().url, RASA_PROCESSES=str(count))
    with ours.service as service:
        pids = pids_of(ours)
        used = processor(pids)
        figures = asyncio.run(measure(ours, ours.questions, 32, messages))
        each = max(2, messages // 32)
        return {"per s": figures.rate, "p95 ms": figures.p95, "memory MB": memory(pids),
                "processor ms a message": (processor(pids) - used) / (each * 33) * 1000,
                "connections": float(service.ask("SELECT count(*) FROM pg_stat_activity "
                                                 "WHERE datname = current_database()")[0][0])}


def figures_of(target: Any, quick: bool, soaking: float) -> dict[str, Any]:
    """Return what is measured of both bots."""
    seconds, upto = (5.0, 100) if quick else (20.0, 1000)
    dialogues = CONVERSATIONS if isinstance(target, Ours) else [list(target.questions)]
    found: dict[str, Any] = {"cold start s": target.start()}
    try:
        for level in LEVELS:
            figures = asyncio.run(measure(target, target.questions, level, 120 if quick else max(240, level * 6)))
            found[f"{level} conversations"] = {"p50 ms": figures.median, "p95 ms": figures.p95, "per s": figures.rate}
        rate, tried = asyncio.run(highest_rate(target, seconds, dialogues=dialogues))
        found["sustained per s"] = rate
        found["streams"] = [vars(each) for each in tried]
        found["memory MB by process"] = {psutil.Process(pid).name() + f" {number}": memory([pid])
                                         for number, pid in enumerate(pids_of(target))}
        found["turn ms of processor"] = asyncio.run(turns(target, target.questions[:9], upto))
        found["memory MB"] = asyncio.run(soak(target, 5, 20 if quick else soaking, 4 if quick else 12))
        if isinstance(target, Ours):
            found["idle widgets"] = asyncio.run(idle_widgets(target, 1000 if quick else 10_000))
    finally:
        target.stop()
    return found


def table(results: dict[str, Any]) -> str:
    """Return the figures as Markdown, the stock bot beside ours."""
    stock, ours = results.get("stock", {}), results.get("ours", {})
    lines = ["| | stock | ours |", "|---|---|---|"]

    def row(name: str, *found: float | None, digits: int = 0) -> None:
        cells = ("" if each is None else f"{each:,.{digits}f}" for each in found)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")

    row("messages a second with 95 % in 500 ms", *(each.get("sustained per s") for each in (stock, ours)))
    for level in LEVELS:
        both = [each.get(f"{level} conversations", {}) for each in (stock, ours)]
        row(f"{level} at once: median ms", *(each.get("p50 ms") for each in both))
        row(f"{level} at once: 95th percentile ms", *(each.get("p95 ms") for each in both))
        row(f"{level} at once: answers a second", *(each.get("per s") for each in both))
    for turn in TURNS:
        row(f"processor time of turn {turn}, ms", *(
            each.get("turn ms of processor", {}).get(str(turn)) for each in (stock, ours)), digits=1)
    memories = [each.get("memory MB") or [None] for each in (stock, ours)]
    row("memory at the start of the soak, MB", *(each[0] for each in memories))
    row("memory at its end, MB", *(each[-1] for each in memories))
    for name, value in ours.get("idle widgets", {}).items():
        row(f"idle widgets: {name}", None, value, digits=1)
    for count, found in results.get("rasas", {}).items():
        for name, value in found.items():
            row(f"{count} Rasa on PostgreSQL, 32 at once: {name}", None, value, digits=1)
    return "\n".join(lines)


def main() -> int:
    """Measure one bot after the other, then one and two Rasa processes, and print everything."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true", help="put the table into docs/sizing.md")
    parser.add_argument("--soak", type=float, default=3600, help="seconds for which memory is watched")
    parser.add_argument("--only", choices=("stock", "ours", "rasas"))
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "scale.json"
    results: dict[str, Any] = json.loads(file.read_text()) if arguments.only and file.is_file() else {}
    bots: dict[str, Callable[[Path], Target]] = {"stock": Stock, "ours": Ours}
    for name, make in bots.items():
        if arguments.only in (None, name):
            target: Any = make(FOLDER)
            if not target.trained():
                target.train()
            results[name] = figures_of(target, arguments.quick, arguments.soak)
            file.write_text(json.dumps(results, indent=1))
    if arguments.only in (None, "rasas"):
        results["rasas"] = {count: with_rasas(count, 320 if arguments.quick else 1600) for count in (1, 2)}
        file.write_text(json.dumps(results, indent=1))
    results = json.loads(file.read_text())
    print(table(results))
    if arguments.write:
        put(ROOT / "docs" / "sizing.md", "figures", table(results))
    return 0


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.update(RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="3", PYTHONWARNINGS="ignore")
    sys.exit(main())
