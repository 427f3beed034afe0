"""The load generator: messages come at their own moments, and whoever waits is counted from then."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bench.openloop import CONVERSATIONS, highest_rate, stream
from bench.pages import put


class Bot:
    """A bot that answers one message at a time, each after the same while."""

    def __init__(self, seconds: float) -> None:
        self._turn, self._seconds, self.heard = asyncio.Lock(), seconds, list[tuple[str, str]]()
        self._opened = 0

    async def open(self, session: aiohttp.ClientSession) -> str:
        self._opened += 1
        return str(self._opened)

    async def say(self, session: aiohttp.ClientSession, conversation: str, text: str) -> bool:
        self.heard.append((conversation, text))
        async with self._turn:
            await asyncio.sleep(self._seconds)
        return True


async def test_as_many_come_as_the_rate_says_and_all_are_counted() -> None:
    found = await stream(Bot(0.001), rate=50, seconds=1.0)
    assert 25 < found.sent < 80
    assert found.failed == 0


async def test_one_that_falls_behind_is_not_excused_for_the_messages_that_had_to_wait() -> None:
    found = await stream(Bot(0.1), rate=40, seconds=1.0)
    assert not found.sustained
    assert found.p95 > 1000  # a closed loop would have seen a tenth of it


async def test_conversations_are_walked_through_in_their_order() -> None:
    bot = Bot(0.0)
    await stream(bot, rate=60, seconds=0.5, open_at_once=2)
    first = [text for chat, text in bot.heard if chat == bot.heard[0][0]]
    assert first[:3] == CONVERSATIONS[0][:3]


async def test_the_highest_rate_is_found_between_one_that_holds_and_one_that_does_not() -> None:
    rate, tried = await highest_rate(Bot(0.02), seconds=1.0, start=16, rest=0.1)  # fifty a second and no more
    # Where exactly it lies depends on how many messages chance puts into one second.
    assert any(each.sustained and each.rate == rate for each in tried)
    assert any(not each.sustained and each.rate > rate for each in tried)


def test_figures_go_between_the_marks_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x -->\nold\n<!-- /x -->\nafter\n")
    put(page, "x", "new")
    put(page, "x", "newer")
    assert page.read_text() == "before\n<!-- x -->\nnewer\n<!-- /x -->\nafter\n"
    with pytest.raises(ValueError, match="no place"):
        put(page, "y", "new")
