"""The stream of one conversation: what is new, what was missed, nothing twice, nobody else's."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest

from bot.channels import events
from bot.channels.events import Hub
from bot.channels.gateway import Gateway
from bot.records import store
from bot.records.models import Conversation, Message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def said(conversation: Conversation, text: str) -> Message:
    return Message.objects.create(conversation=conversation, sender="staff", kind="staff", text=text)


async def next_text(stream: AsyncIterator[str]) -> str:
    while True:
        event = await asyncio.wait_for(anext(stream), 20)
        if "data: " in event:
            return str(json.loads(event.split("data: ", 1)[1])["text"])


@pytest.fixture
async def two(gateway: Gateway) -> tuple[Conversation, Conversation]:
    return (await gateway.in_thread(store.open_conversation, "web"),
            await gateway.in_thread(store.open_conversation, "web"))


async def test_what_came_while_the_line_was_down_comes_first_and_once_and_nobody_elses(
        gateway: Gateway, two: tuple[Conversation, Conversation]) -> None:
    mine, other = two
    first = await gateway.in_thread(said, mine, "one")
    for conversation, text in ((mine, "two"), (other, "for somebody else"), (mine, "three")):
        await gateway.in_thread(said, conversation, text)
    hub = Hub()
    stream = hub.listen(mine.pk, after=first.pk)
    assert [await next_text(stream), await next_text(stream)] == ["two", "three"]
    assert hub.listening(mine.pk) == 1
    coming = asyncio.ensure_future(next_text(stream))
    await asyncio.sleep(0)
    await gateway.in_thread(said, other, "for somebody else again")
    await gateway.in_thread(said, mine, "four")
    assert await coming == "four"
    await stream.aclose()
    assert hub.listening(mine.pk) == 0


async def test_who_is_told_that_the_line_is_open_hears_everything_from_then_on_however_slow_the_first_look(
        gateway: Gateway, two: tuple[Conversation, Conversation], monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly() -> int:
        time.sleep(0.5)
        return newest()

    newest = events._newest
    monkeypatch.setattr(events, "_newest", slowly)
    stream = Hub().listen(two[0].pk)
    assert "retry" in await anext(stream)
    await gateway.in_thread(said, two[0], "right away")
    assert await next_text(stream) == "right away"
    await stream.aclose()
