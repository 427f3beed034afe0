"""How long replies take while very many widgets are open, each with its stream of events, on one web process."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

SPEAKERS = 5   # of those who listen, in turn; alone, the same number of chats one after the other
PAUSE = 0.05   # seconds between two messages
SETTLE = 1.0   # seconds that new streams have to be heard of


@dataclass(frozen=True)
class Crowd:
    """Milliseconds, medians over all blocks; the ratio is the median of the blocks' own."""

    alone: float
    crowded: float
    ratio: float
    slowest_word: float


@dataclass
class Widget:
    """An open chat that listens to its stream."""

    base: str
    session: aiohttp.ClientSession
    number: int
    token: str = ""
    last: int = 0  # the id of the greeting: the stream begins after it
    heard: dict[str, float] = field(default_factory=dict)  # client id: when its message came by the stream
    listening: asyncio.Task[None] | None = None

    async def open(self) -> Widget:
        """Open the chat and its stream."""
        async with self.session.post(f"{self.base}/api/conversations", json={"channel": "web"},
                                     headers=self._headers()) as response:
            body = await response.json()
        self.token, self.last = body["conversation"], body["messages"][-1]["id"]
        ready = asyncio.Event()
        self.listening = asyncio.create_task(self._listen(ready))
        await asyncio.wait_for(ready.wait(), 30)
        return self

    async def say(self, text: str) -> tuple[str, float]:
        """Send a message and return its client id and the milliseconds to its reply."""
        client_id = str(uuid.uuid4())
        started = time.perf_counter()
        async with self.session.post(f"{self.base}/api/messages", json={"client_id": client_id, "text": text},
                                     headers=self._headers()) as response:
            body = await response.json()
        took = (time.perf_counter() - started) * 1000
        if not any(message["from"] == "bot" for message in body.get("messages", ())):
            raise AssertionError(f"no answer to {text!r}: {body}")
        return client_id, took

    async def close(self) -> None:
        """Go away, as a closed tab does."""
        if self.listening is not None:
            self.listening.cancel()
            await asyncio.gather(self.listening, return_exceptions=True)

    def _headers(self) -> dict[str, str]:
        """Return the token, and the address that a proxy would name: each widget is somebody else's."""
        number = self.number
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"X-Forwarded-For": f"10.1.{number >> 8 & 255}.{number & 255}", **known}

    async def _listen(self, ready: asyncio.Event) -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        headers = {**self._headers(), "Last-Event-ID": str(self.last)}
        async with self.session.get(f"{self.base}/api/events", headers=headers, timeout=timeout) as response:
            if response.status != 200:
                raise AssertionError(f"no stream: {response.status}")
            async for line in response.content:
                ready.set()
                if line.startswith(b"data: "):
                    message = json.loads(line[6:])
                    self.heard[message.get("client_id", "")] = time.perf_counter()


async def crowd(base: str, listeners: int, rounds: int, texts: Sequence[str]) -> Crowd:
    """Return how replies to one widget alone compare with replies among so many that listen."""
    alone, crowded, words = [], [], []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        numbers = iter(range(1, 1 << 16))

        async def some(count: int) -> list[Widget]:
            opened = [Widget(base, session, next(numbers)) for _ in range(count)]
            for start in range(0, count, 10):
                await asyncio.gather(*(each.open() for each in opened[start:start + 10]))
            return opened

        for counted in (False, *[True] * rounds):
            times: list[float] = []
            for _ in range(SPEAKERS):
                one = await some(1)
                times += (await _block(one, texts))[0]
                await one[0].close()
            many = await some(listeners)
            await asyncio.sleep(SETTLE)
            among, spoken = await _block(many[:SPEAKERS], texts)
            await asyncio.gather(*(each.close() for each in many))
            if counted:  # the first round warms caches
                alone.append(statistics.median(times))
                crowded.append(statistics.median(among))
                words += spoken
    ratios = [there / here for here, there in zip(alone, crowded, strict=True)]
    return Crowd(statistics.median(alone), statistics.median(crowded), statistics.median(ratios), max(words))


async def _block(speakers: list[Widget], texts: Sequence[str]) -> tuple[list[float], list[float]]:
    """Let each say everything in turn; return the milliseconds of the replies and of their words by stream."""
    times, words = [], []
    for text in texts:
        for widget in speakers:
            started = time.perf_counter()
            client_id, took = await widget.say(text)
            times.append(took)
            while client_id not in widget.heard:
                if time.perf_counter() - started > 10:
                    raise AssertionError("a message did not come by the stream")
                await asyncio.sleep(0.02)
            words.append((widget.heard[client_id] - started) * 1000)
            await asyncio.sleep(PAUSE)
    return times, words
