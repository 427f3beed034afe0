"""Whoever sends very much is slowed down; nobody in danger is."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.channels import limits
from bot.channels.limits import Pace
from bot.records.models import Message
from tests.channels.conftest import Scripted
from tests.channels.test_web import Chat, chat  # noqa: F401


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_free_and_then_each_waits_longer_up_to_a_limit() -> None:
    pace = Pace(at_once=3, a_second=0.5, longest=6.0, clock=Clock())
    assert [pace.wait("a") for _ in range(8)] == [0, 0, 0, 2, 4, 6, 6, 6]
    assert pace.wait("b") == 0


def test_patience_comes_back_with_time() -> None:
    clock = Clock()
    pace = Pace(at_once=3, a_second=0.5, longest=6.0, clock=clock)
    for _ in range(1000):
        pace.wait("a")
    clock.now = 12.0
    assert [pace.wait("a") for _ in range(4)] == [0, 0, 0, 2]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MAX_KEYS", 10)
    clock = Clock()
    pace = Pace(at_once=1, a_second=1.0, longest=5.0, clock=clock)
    for number in range(11):
        pace.wait(str(number))
    clock.now = 60.0
    pace.wait("next")
    assert len(pace._owed) == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
async def test_a_flood_is_slowed_but_a_call_for_help_in_it_is_not(
        chat: Chat, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(limits, "MESSAGES", replace(limits.MESSAGES, at_once=2, a_second=0.001, longest=600.0, _owed={}))
    await chat.send(text="hello")
    await chat.send(text="hello again")
    slowed = asyncio.ensure_future(chat.send(text="and again"))
    async with asyncio.timeout(20):
        while await Message.objects.filter(sender="patient").acount() < 3:
            await asyncio.sleep(0.05)
    help_now = await asyncio.wait_for(chat.send(text="I want to kill myself"), 20)
    assert help_now["messages"][1]["kind"] == "crisis"
    assert not slowed.done() and len(scripted.turns) == 2
    slowed.cancel()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
async def test_what_was_slowed_is_answered_all_the_same(
        chat: Chat, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(limits, "MESSAGES", replace(limits.MESSAGES, at_once=1, a_second=20.0, longest=1.0, _owed={}))
    bodies = await asyncio.gather(*(chat.send(text=f"question {number}") for number in range(6)))
    assert [body["messages"][1]["text"] for body in bodies] == ["An answer."] * 6
