"""A closed loop of patients: each sends its next message when the last was answered."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp


@dataclass(frozen=True)
class Figures:
    """Milliseconds from sending a message to having its whole answer, and answers a second."""

    median: float
    p95: float
    rate: float


class Target(Protocol):
    """A bot that can be talked to over HTTP."""

    async def open(self, session: aiohttp.ClientSession) -> str:
        """Return what names a fresh conversation."""

    async def say(self, session: aiohttp.ClientSession, conversation: str, text: str) -> bool:
        """Send a message and return whether it got an answer."""


async def measure(target: Target, texts: Sequence[str], conversations: int, messages: int) -> Figures:
    """Return the figures of `messages` messages over so many conversations at once."""
    each = max(2, messages // conversations)
    times: list[float] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async def patient(number: int) -> None:
            conversation = await target.open(session)
            for turn in range(each):
                if turn and turn % 12 == 0:
                    conversation = await target.open(session)
                text = texts[(number * 7 + turn) % len(texts)]
                started = time.perf_counter()
                if not await target.say(session, conversation, text):
                    raise AssertionError(f"no answer to {text!r}")
                times.append((time.perf_counter() - started) * 1000)

        await patient(0)  # warms caches; not counted
        times.clear()
        started = time.perf_counter()
        await asyncio.gather(*(patient(number) for number in range(conversations)))
        took = time.perf_counter() - started
    times.sort()
    return Figures(statistics.median(times), times[int(len(times) * 0.95)], len(times) / took)
