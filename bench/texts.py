"""Text the whole service while things go wrong, and count: every genuine text recorded once and answered once,
every forged one refused.

5 % of the texts come twice (one after the other or at once), 5 % more are forged, the worker is killed
again and again, and the stand-in for Twilio fails a tenth of its calls and loses a tenth of the answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from bot.standin.network import DEFAULT_REPLIES
from tests.tools import Service

FOLDER = Path(__file__).resolve().parent.parent / "var" / "bench" / "texts"
TEXTS = ("how long does an infusion take", "is it safe", "what does it cost", "do i need a ride home", "HELP",
         "what are the side effects", "is it covered by insurance", "hello", "thank you", "where are you",
         "I feel like I can't go on", "can i eat before", "more", "does it hurt", "are you a robot")
AT_ONCE = 16


@dataclass(frozen=True)
class Load:
    """What is sent and what goes wrong."""

    texts: int = 100_000
    phones: int = 5_000
    twice: float = 0.05
    forged: float = 0.05
    failing: float = 0.1
    kill_every: float = 30.0  # seconds
    minutes: float = 0.0  # after which no more is sent; 0: no end


@dataclass
class Count:
    """What came of it."""

    genuine: int = 0
    forged: int = 0
    forged_refused: int = 0
    kills: int = 0
    recorded: int = 0
    recorded_phones: int = 0
    answered: int = 0
    texts_due: int = 0
    texts_on_phones: int = 0
    texts_wrong: int = 0
    unreached: int = 0  # calls of the stand-in that got no answer from us, its own faults apart
    seconds: float = 0.0
    drained_seconds: float = 0.0
    cpu_ms: float = 0.0  # of the service's processes, a text

    @property
    def right(self) -> bool:
        """Return whether everything happened once, and nothing that must not."""
        return (self.genuine == self.recorded == self.answered and self.forged == self.forged_refused
                and self.texts_due == self.texts_on_phones and self.texts_wrong == 0)


async def run(service: Service, load: Load, seed: int = 3) -> Count:
    """Return what came of a load on a running service."""
    count, chance = Count(), random.Random(seed)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=900),
                                     connector=aiohttp.TCPConnector(limit=0)) as session:
        await _post(session, f"{service.standin}/console", {"faults": {"api": load.failing, "answer": load.failing}})
        started, cpu = time.monotonic(), _cpu_seconds(service)
        killer = asyncio.create_task(_kill_worker(service, load.kill_every, count))
        queue = takewhile(lambda _: not load.minutes or time.monotonic() - started < load.minutes * 60,
                          range(load.texts))
        await asyncio.gather(*(_texter(session, service, load, queue, chance, count) for _ in range(AT_ONCE)))
        count.seconds = time.monotonic() - started
        await _drained(service)
        killer.cancel()
        count.drained_seconds = time.monotonic() - started
        count.cpu_ms = (_cpu_seconds(service) - cpu) * 1000 / count.genuine
        shown = await _post(session, f"{service.standin}/console", {"delivered": True})
    count.unreached = sum(problem.startswith("11200") for problem in shown["problems"])
    ours = [(text["sid"], text["body"]) for text in shown["delivered"] if text["body"] not in DEFAULT_REPLIES.values()]
    _look(service, count, ours)
    return count


async def _texter(session: aiohttp.ClientSession, service: Service, load: Load, queue: Iterable[int],
                  chance: random.Random, count: Count) -> None:
    for number in queue:
        phone = f"+1212{2000000 + number % load.phones}"
        text = {"from": phone, "text": chance.choice(TEXTS), "sid": "SM" + secrets.token_hex(16)}
        count.genuine += 1
        url = f"{service.standin}/phone/text"
        if chance.random() < load.twice:
            lost, kept = {**text, "keep_answer": False}, text
            if chance.random() < 0.5:
                await asyncio.gather(_post(session, url, lost), _post(session, url, kept))
            else:
                await _post(session, url, lost)
                await _post(session, url, kept)
        else:
            await _post(session, url, text)
        if chance.random() < load.forged:
            count.forged += 1
            forged = {"From": phone, "Body": "forged", "MessageSid": "SM" + secrets.token_hex(16)}
            # A line of its own: one that was kept may be closed by the other end just as it is used again.
            async with aiohttp.ClientSession() as own, own.post(
                    f"{service.base}/sms/inbound", data=forged,
                    headers={"X-Twilio-Signature": secrets.token_urlsafe(20)}) as response:
                count.forged_refused += response.status == 403


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, object]) -> dict[str, Any]:
    async with session.post(url, json=body) as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def _kill_worker(service: Service, every: float, count: Count) -> None:
    """Kill the worker outright, again and again; the supervisor starts it anew."""
    while True:
        await asyncio.sleep(every)
        pid = await asyncio.to_thread(service.pid, "bot.records.worker")
        if pid:
            psutil.Process(pid).kill()
            count.kills += 1


def _cpu_seconds(service: Service) -> float:
    """Return what the service's processes used, those that ended and were waited for included."""
    if service.process is None:
        return 0.0
    children = psutil.Process(service.process.pid).children()
    supervisor = next(each for each in children if "supervisord" in " ".join(each.cmdline()))
    ended = supervisor.cpu_times()
    alive = (each.cpu_times() for each in supervisor.children())
    return sum(each.user + each.system for each in alive) + ended.children_user + ended.children_system


async def _drained(service: Service) -> None:
    """Wait until nothing is left to send; raises `TimeoutError` after ten minutes without progress."""
    left, since = -1, time.monotonic()
    while time.monotonic() - since < 600:
        now = service.ask("SELECT count(*) FROM records_outbox WHERE state IN ('queued', 'sending')")[0][0]
        if now == 0:
            return
        if now != left:
            left, since = now, time.monotonic()
        await asyncio.sleep(1)
    raise TimeoutError(f"{left} texts were never sent")


def _look(service: Service, count: Count, on_phones: list[tuple[str, str]]) -> None:
    """Compare the records with what the phones got."""
    patient = "SELECT count(*) FROM records_message WHERE sender = 'patient'"
    count.recorded = service.ask(patient)[0][0]
    count.recorded_phones = service.ask("SELECT count(*) FROM records_conversation WHERE channel = 'sms'")[0][0]
    count.answered = service.ask(
        patient + " AND answered_at IS NOT NULL AND EXISTS (SELECT 1 FROM records_message AS reply "
                           "WHERE reply.answers_id = records_message.id)")[0][0]
    due = Counter(service.ask("SELECT provider_id, body FROM records_outbox WHERE kind = 'sms'"))
    got = Counter(on_phones)
    count.texts_due, count.texts_on_phones = due.total(), got.total()
    count.texts_wrong = sum(((due - got) + (got - due)).values())


def main() -> int:
    """Run the load on a service of its own, print what came of it, and return 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m bench.texts", description=__doc__)
    parser.add_argument("--texts", type=int, default=Load.texts)
    parser.add_argument("--phones", type=int, default=Load.phones)
    parser.add_argument("--kill-every", type=float, default=Load.kill_every, help="seconds")
    parser.add_argument("--minutes", type=float, default=0.0, help="send no more after so long; 0: all")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Service(FOLDER, BOT_VAR=str(FOLDER / f"var-{time.time_ns()}")) as service:
        count = asyncio.run(run(service, Load(texts=arguments.texts, phones=arguments.phones,
                                              kill_every=arguments.kill_every, minutes=arguments.minutes)))
    for name, value in asdict(count).items():
        print(f"{name:20}{value:>12.1f}" if isinstance(value, float) else f"{name:20}{value:>12}")
    print("every genuine text recorded once and answered once, every forged one refused" if count.right else "WRONG")
    (FOLDER.parent / "texts.json").write_text(json.dumps(asdict(count), indent=1))
    return 0 if count.right else 1


if __name__ == "__main__":
    sys.exit(main())
