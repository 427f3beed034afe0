"""The way of a message: recorded once and first, screened, answered, recorded."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot.channels.gateway import Gateway
from bot.channels.inbound import Inbound
from bot.channels.rasa import RasaUnavailable
from bot.records import store
from bot.records.models import Alert, Conversation, Message, Outbox, Verdict
from tests.channels.conftest import DOWN, Scripted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
HELP = "I want to kill myself tonight, I have the pills here"


def inbound(conversation: Conversation, text: str, key: str = "first-key") -> Inbound:
    return Inbound(conversation, f"web:{conversation.pk}:{key}", key, text)


async def conversation(gateway: Gateway) -> Conversation:
    return await gateway.in_thread(store.open_conversation, "web")


async def test_an_ordinary_question_is_answered_by_rasa_and_everything_is_on_record(scripted: Scripted, gateway: Gateway) -> None:
    chat = await conversation(gateway)
    gateway.rasa = scripted
    outcome = await gateway.receive(inbound(chat, "how long does a session take"))
    assert [reply.text for reply in outcome.replies][-1] == "An answer."
    rows = await gateway.in_thread(lambda: list(Message.objects.filter(conversation=chat).order_by("id")))
    assert [row.sender for row in rows] == ["patient", *["bot"] * len(outcome.replies)]
    assert rows[0].answered_at is not None
    assert scripted.turns[0].metadata["tier"] == "none"
    assert "vector" in scripted.turns[0].metadata


async def test_a_crisis_is_answered_without_rasa_and_staff_are_told(scripted: Scripted, gateway: Gateway) -> None:
    gateway.rasa = scripted
    scripted.answers = [DOWN] * 5
    chat = await conversation(gateway)
    outcome = await gateway.receive(inbound(chat, HELP))
    assert outcome.replies[0].kind == "crisis"
    assert "911" in outcome.replies[0].text and "988" in outcome.replies[0].text
    hrefs = [resource["href"] for resource in outcome.replies[0].extra["resources"]]
    assert "tel:911" in hrefs and "tel:988" in hrefs
    alert = await gateway.in_thread(lambda: Alert.objects.get(conversation=chat))
    assert alert.priority == "P1"


async def test_word_of_an_alert_is_queued_with_it_and_holds_no_patient_words(scripted: Scripted, gateway: Gateway) -> None:
    from bot.settings import Alerts

    gateway.rasa = scripted
    before = gateway.clinic
    gateway.clinic = before.copy(update={"alerts": Alerts(emails=("nurse@clinic.example",), phones=("+15550100001",))})
    try:
        await gateway.receive(inbound(await conversation(gateway), HELP))
    finally:
        gateway.clinic = before
    rows = await gateway.in_thread(lambda: list(Outbox.objects.all()))
    assert {row.kind for row in rows} == {"email", "sms"}
    for row in rows:
        assert "pills" not in row.body + row.subject and "kill" not in row.body + row.subject
        assert "P1" in row.body


async def test_the_same_message_twice_is_processed_once(scripted: Scripted, gateway: Gateway) -> None:
    gateway.rasa = scripted
    chat = await conversation(gateway)
    first = await gateway.receive(inbound(chat, "how much is it"))
    again = await gateway.receive(inbound(chat, "how much is it"))
    assert [reply.pk for reply in first.replies] == [reply.pk for reply in again.replies]
    assert len(scripted.turns) == 1


async def test_the_same_message_twice_at_once_is_processed_once(scripted: Scripted, gateway: Gateway) -> None:
    gateway.rasa = scripted
    chat = await conversation(gateway)
    both = await asyncio.gather(*(gateway.receive(inbound(chat, "how much is it")) for _ in range(4)))
    assert len({tuple(reply.pk for reply in outcome.replies) for outcome in both}) == 1
    assert len(scripted.turns) == 1
    assert await gateway.in_thread(Message.objects.filter(conversation=chat, sender="patient").count) == 1


@pytest.mark.parametrize("answer", [DOWN, [], [{"kind": "answer"}]])
async def test_a_rasa_that_is_down_or_silent_means_the_fallback_and_a_flag_for_staff(
        scripted: Scripted, gateway: Gateway, answer: object) -> None:
    gateway.rasa = scripted
    scripted.answers = [answer]
    chat = await conversation(gateway)
    outcome = await gateway.receive(inbound(chat, "how long does a session take"))
    assert "911" in outcome.replies[-1].text and gateway.clinic.phone in outcome.replies[-1].text
    assert await gateway.in_thread(Alert.objects.filter(conversation=chat, reason="assistant_down").exists)
    await gateway.in_thread(chat.refresh_from_db)
    assert chat.waiting and chat.busy_until is None


async def test_messages_of_one_conversation_are_with_rasa_one_at_a_time_and_in_order(gateway: Gateway) -> None:
    class Slow:
        def __init__(self) -> None:
            self.now = self.most = 0
            self.order: list[str] = []

        async def ask(self, turn, timeout):  # type: ignore[no-untyped-def]
            self.now += 1
            self.most = max(self.most, self.now)
            self.order.append(turn.text)
            await asyncio.sleep(0.05)
            self.now -= 1
            return [{"text": turn.text, "kind": "answer"}]

    chat, slow, before = await conversation(gateway), Slow(), gateway.rasa
    gateway.rasa = slow
    try:
        texts = [f"question number {n}" for n in range(5)]
        tasks = []
        for n, text in enumerate(texts):
            tasks.append(asyncio.create_task(gateway.receive(inbound(chat, text, f"key-number-{n}"))))
            await asyncio.sleep(0.02)
        outcomes = await asyncio.gather(*tasks)
    finally:
        gateway.rasa = before
    assert slow.most == 1
    assert slow.order == texts
    assert [outcome.replies[-1].text for outcome in outcomes] == texts


async def test_rasa_hears_of_a_crisis_before_the_next_message(scripted: Scripted, gateway: Gateway) -> None:
    gateway.rasa = scripted
    scripted.answers = [RasaUnavailable("down")] * 3
    chat = await conversation(gateway)
    await gateway.receive(inbound(chat, "my wife took a whole bottle of pills", "crisis-key"))
    assert not scripted.turns
    scripted.answers = []
    await gateway._catch_up(chat, await gateway.in_thread(store.untold, chat.pk, 10**9))
    assert [turn.intent for turn in scripted.turns] == ["crisis"]
    assert await gateway.in_thread(store.untold, chat.pk, 10**9) == []


async def test_staff_have_the_conversation_so_the_assistant_is_silent_except_for_a_crisis(
        scripted: Scripted, gateway: Gateway, django_user_model: type) -> None:
    gateway.rasa = scripted
    chat = await conversation(gateway)
    user = await gateway.in_thread(lambda: django_user_model.objects.create_user("nurse", password="x"))
    await gateway.in_thread(lambda: Conversation.objects.filter(pk=chat.pk).update(owner=user))
    quiet = await gateway.receive(inbound(chat, "are you still there?", "key-quiet"))
    assert quiet.staff and not quiet.replies and not scripted.turns
    loud = await gateway.receive(inbound(chat, HELP, "key-loud"))
    assert loud.replies[0].kind == "crisis"


async def test_a_database_that_is_down_costs_the_record_and_not_the_reply(
        scripted: Scripted, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def broken(*args: object, **kwargs: object) -> None:
        raise OperationalError("disk I/O error")

    gateway.rasa = scripted
    chat = await conversation(gateway)
    monkeypatch.setattr(store, "record_inbound", broken)
    crisis = await gateway.receive(inbound(chat, HELP))
    assert crisis.message is None and crisis.replies[0].kind == "crisis"
    ordinary = await gateway.receive(inbound(chat, "how much is it"))
    assert "911" in ordinary.replies[0].text


async def test_every_inbound_message_has_a_verdict(scripted: Scripted, gateway: Gateway) -> None:
    gateway.rasa = scripted
    chat = await conversation(gateway)
    for n, text in enumerate(("hello there", HELP, "ok thanks")):
        await gateway.receive(inbound(chat, text, f"key-number-{n}"))
    assert await gateway.in_thread(Verdict.objects.filter(message__conversation=chat).count) == 3


@pytest.mark.parametrize("first, then, language", [
    ("everyone would be better off without me", "no", "en"),
    ("ya no quiero vivir", "no", "es"),
    ("ya no quiero vivir", "ok", "es"),
])
async def test_a_word_does_not_change_the_language_of_a_chat(
        scripted: Scripted, gateway: Gateway, first: str, then: str, language: str) -> None:
    gateway.rasa = scripted
    chat = await conversation(gateway)
    await gateway.receive(inbound(chat, first, "first-key"))
    outcome = await gateway.receive(inbound(chat, then, "second-key"))
    await gateway.in_thread(chat.refresh_from_db)
    assert chat.language == language
    assert ("988" in outcome.replies[0].text) and (("llama" in outcome.replies[0].text.lower()) == (language == "es"))


async def test_danger_does_not_wait_behind_everybody_elses_work(scripted: Scripted, gateway: Gateway) -> None:
    chat, free = await conversation(gateway), threading.Event()
    full = [asyncio.ensure_future(gateway.in_thread(free.wait, 30)) for _ in range(50)]
    try:
        outcome = await gateway.receive(inbound(chat, HELP))
        assert not free.is_set() and not any(each.done() for each in full)
    finally:
        free.set()
        await asyncio.gather(*full)
    assert outcome.replies[0].kind == "crisis"
    assert outcome.message is not None and outcome.message.pk  # on record, not in the spool
