"""An open loop of patients: messages come when they come, answered or not, as they do in life.

A closed loop slows down with the bot that it measures and hides how long people would have waited. Here each
message has its moment beforehand (a Poisson stream), and its latency counts from that moment.
"""

from __future__ import annotations

import asyncio
import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import yaml

from bench.load import Target
from tests.tools import ROOT

LIMIT_MS = 500.0
CONVERSATIONS = [list(lines) for lines in yaml.safe_load((ROOT / "bench" / "conversations.yml").read_text())]
GIVE_UP = 30.0  # seconds


@dataclass(frozen=True)
class Stream:
    """What came of a stream of messages; times in milliseconds from each one's own moment."""

    rate: float
    sent: int
    failed: int
    median: float
    p95: float
    p99: float

    @property
    def sustained(self) -> bool:
        """Return whether nineteen of twenty were answered within half a second, and none not at all."""
        return self.failed == 0 and self.p95 < LIMIT_MS


async def stream(target: Target, rate: float, seconds: float, dialogues: Sequence[Sequence[str]] = CONVERSATIONS,
                 open_at_once: int = 24, seed: int = 1) -> Stream:
    """Send messages at a rate, over so many conversations at once, each walking through one dialogue after another."""
    chance, times = random.Random(seed), list[float]()
    failed = 0
    timeout = aiohttp.ClientTimeout(total=GIVE_UP)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        chats = [await target.open(session) for _ in range(open_at_once)]
        lines = [iter(_endless(dialogues, number)) for number in range(open_at_once)]
        clock = asyncio.get_running_loop().time

        async def one(at: float, chat: str, text: str) -> None:
            nonlocal failed
            await asyncio.sleep(max(0.0, at - clock()))
            try:
                answered = await target.say(session, chat, text)
            except (aiohttp.ClientError, TimeoutError):
                answered = False
            failed += not answered
            times.append((clock() - at) * 1000)

        at, end, tasks, number = clock(), clock() + seconds, [], 0
        while (at := at + chance.expovariate(rate)) < end:
            which = number % open_at_once
            tasks.append(asyncio.create_task(one(at, chats[which], next(lines[which]))))
            number += 1
        await asyncio.gather(*tasks)
    times.sort()
    return Stream(rate, len(times), failed, statistics.median(times), times[int(len(times) * 0.95)],
                  times[int(len(times) * 0.99)])


def _endless(dialogues: Sequence[Sequence[str]], start: int):  # type: ignore[no-untyped-def]
    number = start
    while True:
        yield from dialogues[number % len(dialogues)]
        number += 1


async def highest_rate(target: Target, seconds: float, start: float = 8.0, most: float = 512.0,
                       dialogues: Sequence[Sequence[str]] = CONVERSATIONS,
                       rest: float = 2.0) -> tuple[float, list[Stream]]:
    """Return the highest rate that is sustained, to a tenth, and every stream that was tried."""
    tried: list[Stream] = []

    async def holds(rate: float) -> bool:
        # A patient writes every few seconds at most.
        chats = max(24, math.ceil(rate * 4))
        tried.append(await stream(target, rate, seconds, dialogues, chats, seed=len(tried)))
        await asyncio.sleep(rest)
        return tried[-1].sustained

    low, high = 0.0, start
    while high < most and await holds(high):
        low, high = high, high * 2
    while high - low > max(1.0, 0.1 * high):
        middle = (low + high) / 2
        low, high = (middle, high) if await holds(middle) else (low, middle)
    return low, tried
