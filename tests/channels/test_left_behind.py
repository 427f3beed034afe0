"""A message of the web chat that a process took and died over: the worker has it screened and answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import AsyncClient
from django.utils import timezone

from bot.channels.gateway import Gateway
from bot.channels.inbound import Inbound
from bot.channels.sms import answering
from bot.records import resume, store
from bot.records.models import Alert, Message
from bot.settings import get_settings
from tests.channels.conftest import Scripted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


async def left(gateway: Gateway, text: str, **extra: str) -> Message:
    """Return a message that is on record and no more."""
    chat = await gateway.in_thread(store.open_conversation, "web")
    message, _ = await gateway.in_thread(store.record_inbound, chat, f"web:{chat.pk}:key", "key", text, extra)
    return message


async def ask(message: Message) -> int:
    answer = await AsyncClient().post(
        "/sms/resume", {"message": message.pk}, content_type="application/json",
        headers={"X-Internal-Token": get_settings().env.internal_token})
    for task in list(answering._late):
        await task
    return answer.status_code


async def test_danger_that_nobody_read_is_read_answered_and_told(scripted: Scripted, gateway: Gateway) -> None:
    message = await left(gateway, "i want to kill myself tonight")
    assert await ask(message) == 202
    replies = await gateway.in_thread(store.replies_to, message)
    assert [reply.kind for reply in replies] == ["crisis"]
    assert await gateway.in_thread(Alert.objects.filter(conversation=message.conversation_id, priority="P1").count) == 1


async def test_a_question_is_answered_and_a_button_stays_a_button(scripted: Scripted, gateway: Gateway) -> None:
    gateway.rasa = scripted
    message = await left(gateway, "Book a visit", choice="Book a visit", choice_send="/book")
    assert await ask(message) == 202
    assert scripted.turns[-1].intent == "book"
    assert await gateway.in_thread(store.replies_to, message)
    assert await ask(message) == 404  # answered: nobody left it


async def test_the_worker_looks_for_such_messages_of_both_channels(gateway: Gateway) -> None:
    message = await left(gateway, "is it safe")
    asked: list[int] = []

    def look() -> int:
        Message.objects.filter(pk=message.pk).update(at=timezone.now() - timedelta(seconds=30))
        resumer = resume.Resumer(get_settings().env)
        resumer._ask = lambda key, request: not asked.append(key)  # type: ignore[func-returns-value,method-assign]
        return resumer.look()

    assert await gateway.in_thread(look) == 1
    assert asked == [message.pk]


async def test_a_message_that_comes_again_is_not_worked_on_anew_at_every_look(
        scripted: Scripted, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "_alone_since", None)  # another process may be at it
    monkeypatch.setattr(gateway, "timeout", 1.0)
    gateway.rasa = scripted
    message, taken, before = await left(gateway, "is it safe"), [], store.record_inbound
    await gateway.in_thread(store.record_verdict, message, gateway.screen.read(message.text).as_dict(message.text))
    monkeypatch.setattr(store, "record_inbound", lambda *args: (taken.append(args), before(*args))[1])
    outcome = await gateway.receive(Inbound(message.conversation, message.dedup or "", "key", message.text))
    assert outcome.replies and scripted.turns
    assert len(taken) == 2  # when it came, and when nobody else had answered it
