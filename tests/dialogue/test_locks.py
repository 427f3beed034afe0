"""One message of a conversation at a time in Rasa: in one process, over two, and while Redis is away."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from rasa.utils.endpoints import EndpointConfig

from bot.dialogue.locks import ClinicLockStore
from tests.servers import Redis

HOLD = 0.05


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.end()


def store(url: str) -> ClinicLockStore:
    return ClinicLockStore(EndpointConfig(url=url))


async def held_at_once(stores: list[ClinicLockStore], turns: int = 6) -> int:
    """Return the most turns of one conversation that were under way at the same time."""
    now = most = 0

    async def turn(locks: ClinicLockStore) -> None:
        nonlocal now, most
        async with locks.lock("someone"):
            now += 1
            most = max(most, now)
            await asyncio.sleep(HOLD)
            now -= 1

    await asyncio.gather(*(turn(stores[number % len(stores)]) for number in range(turns)))
    return most


async def test_turns_of_one_conversation_follow_each_other() -> None:
    assert await held_at_once([store("none")]) == 1


async def test_conversations_do_not_wait_for_each_other() -> None:
    locks = store("none")
    async with locks.lock("one"), asyncio.timeout(5), locks.lock("another"):
        pass


async def test_two_processes_that_share_a_redis_take_turns(redis: Redis) -> None:
    assert await held_at_once([store("none"), store("none")]) == 2  # without one they cannot know
    assert await held_at_once([store(redis.url), store(redis.url)]) == 1


def test_turns_of_real_processes_do_not_overlap(redis: Redis) -> None:
    script = ("import asyncio, json, sys, time\n"
              "from rasa.utils.endpoints import EndpointConfig\n"
              "from bot.dialogue.locks import ClinicLockStore\n"
              "async def main():\n"
              "    locks, spans = ClinicLockStore(EndpointConfig(url=sys.argv[1])), []\n"
              "    for _ in range(10):\n"
              "        async with locks.lock('someone'):\n"
              "            start = time.monotonic()\n"
              "            await asyncio.sleep(0.02)\n"
              "            spans.append((start, time.monotonic()))\n"
              "    print(json.dumps(spans))\n"
              "asyncio.run(main())\n")
    running = [subprocess.Popen([sys.executable, "-c", script, redis.url], stdout=subprocess.PIPE) for _ in range(2)]
    spans = sorted(tuple(span) for each in running for span in json.loads(each.communicate(timeout=120)[0]))
    assert len(spans) == 20
    assert all(earlier[1] <= later[0] for earlier, later in zip(spans, spans[1:]))


async def test_without_redis_turns_go_on_and_with_it_back_they_wait_again() -> None:
    server = Redis()
    try:
        stores = [store(server.url), store(server.url)]
        server.stop()
        started = time.monotonic()
        assert await held_at_once(stores) == 2
        assert time.monotonic() - started < 5
        server.start()
        for each in stores:
            each._away_until = 0.0
        assert await held_at_once(stores) == 1
    finally:
        server.end()
