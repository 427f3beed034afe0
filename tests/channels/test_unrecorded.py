"""While the records are down, locked or slow: an answer in time, and the message on record when they are back."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection, transaction

from bot.channels import unrecorded
from bot.channels.gateway import Gateway
from bot.channels.inbound import Inbound
from bot.records import rows, spool, store, unspool
from bot.records.models import Alert, Conversation, Message
from bot.settings import get_settings
from tests.channels.conftest import Scripted
from tests.tools import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
HELP = "I want to kill myself tonight, I have the pills here"


@pytest.fixture(autouse=True)
def empty_spool() -> Iterator[None]:
    spool.prepare()
    for path in spool.folder().iterdir():
        path.unlink()
    yield
    for path in spool.folder().iterdir():
        path.unlink()


@pytest.fixture
def locked() -> Iterator[None]:
    """Hold what a message has to write to, from another connection."""
    held, free = Event(), Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("LOCK TABLE records_message, records_conversation IN ACCESS EXCLUSIVE MODE")
            held.set()
            free.wait(30)
        connection.close()

    holding = Thread(target=hold)
    holding.start()
    held.wait(10)
    yield
    free.set()
    holding.join()


def inbound(chat: Conversation, text: str, key: str) -> Inbound:
    return Inbound(chat, f"web:{chat.pk}:{key}", key, text)


@pytest.fixture
def chat() -> Conversation:
    return store.open_conversation("web")


async def test_danger_is_answered_at_once_while_the_database_is_locked(
        chat: Conversation, scripted: Scripted, gateway: Gateway, locked: None) -> None:
    gateway.rasa = scripted
    outcome = await asyncio.wait_for(gateway.receive(inbound(chat, HELP, "key-danger")), 20)  # the lock is held for 30
    assert outcome.replies[0].kind == "crisis"
    assert outcome.kept
    assert len(spool.waiting()) == 1
    assert "pills" not in spool.waiting()[0].read_text()  # encrypted


async def test_what_was_kept_comes_onto_record_once_with_its_answer_and_word_to_staff(
        chat: Conversation, gateway: Gateway) -> None:
    asked = inbound(chat, HELP, "key-danger")
    outcome = await gateway.answer_without_records(asked)

    def look_again() -> None:
        unspooler = unspool.Unspooler(get_settings())
        path = spool.waiting()[0]
        kept = path.read_text()
        assert unspooler.look() == 1
        path.write_text(kept)  # as after a power cut between the record and the end of the file
        unspooler.look()
        assert spool.waiting() == []
        message = Message.objects.get(conversation=chat, sender="patient")
        assert (message.text, message.client_id) == (HELP, "key-danger")
        assert message.verdict.tier in ("crisis", "emergency")
        replies = store.replies_to(message)
        assert [reply.text for reply in replies] == [reply.text for reply in outcome.replies]
        assert replies[0].client_id == outcome.replies[0].client_id == "re:key-danger"
        assert set(Alert.objects.values_list("priority", "conversation")) == {("P1", chat.pk), ("P2", chat.pk)}
        chat.refresh_from_db()
        assert chat.locked
        assert chat.tier in ("crisis", "emergency")
        assert chat.waiting

    await gateway.in_thread(look_again)


async def test_the_same_message_sent_again_after_that_gives_what_is_on_record(
        chat: Conversation, gateway: Gateway) -> None:
    first = await gateway.answer_without_records(inbound(chat, "is it safe", "key-again"))
    await gateway.in_thread(unspool.Unspooler(get_settings()).look)
    again = await gateway.receive(inbound(chat, "is it safe", "key-again"))
    assert not again.new
    assert [reply.text for reply in again.replies] == [reply.text for reply in first.replies]


async def test_a_later_calm_message_that_was_kept_does_not_lower_the_tier(chat: Conversation, gateway: Gateway) -> None:
    await gateway.in_thread(lambda: store.touch(chat, tier="crisis", locked=True))
    await gateway.answer_without_records(inbound(chat, "is it safe", "key-calm"))
    await gateway.in_thread(unspool.Unspooler(get_settings()).look)
    await gateway.in_thread(chat.refresh_from_db)
    assert (chat.tier, chat.locked) == ("crisis", True)


async def test_a_chat_that_was_erased_meanwhile_stays_erased(chat: Conversation, gateway: Gateway) -> None:
    from bot.records.erase import erase

    await gateway.answer_without_records(inbound(chat, "is it safe", "key-erased"))
    await gateway.in_thread(erase, chat)
    assert await gateway.in_thread(unspool.Unspooler(get_settings()).look) == 1
    assert await gateway.in_thread(Message.objects.filter(conversation=chat).count) == 0


async def test_a_text_of_a_phone_finds_its_conversation(gateway: Gateway) -> None:
    asked = Inbound(Conversation(channel="sms"), "sms:SM123", "SM123", HELP)
    await gateway.answer_without_records(asked, phone="+12125550150")
    await gateway.in_thread(unspool.Unspooler(get_settings()).look)
    message = await gateway.in_thread(
        lambda: Message.objects.select_related("conversation").get(dedup="sms:SM123"))
    assert (message.conversation.phone, message.conversation.channel) == ("+12125550150", "sms")


async def test_what_no_disk_takes_is_not_passed_off_as_kept_and_staff_hear_of_it_all_the_same(
        chat: Conversation, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path, data: bytes) -> Path:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(unrecorded, "TRY_AGAIN", 0.05)
    with monkeypatch.context() as context:
        context.setattr(spool, "_write", broken)
        outcome = await gateway.answer_without_records(inbound(chat, HELP, "key-nowhere"))
        assert outcome.replies[0].kind == "crisis"
        assert not outcome.kept
        assert not spool.waiting()
    await asyncio.to_thread(wait_for, lambda: len(spool.waiting()) == 1, 10)
    # The patient's page sends it again before the worker has brought it in: answered once, and staff know.
    again = await gateway.receive(inbound(chat, HELP, "key-nowhere"))
    assert again.kept
    await gateway.in_thread(unspool.Unspooler(get_settings()).look)
    assert await gateway.in_thread(lambda: Message.objects.filter(conversation=chat, sender="patient").count()) == 1
    reasons = await gateway.in_thread(lambda: list(Alert.objects.values_list("priority", "reason").order_by("priority")))
    assert [level for level, _ in reasons] == ["P1", "P2"]
    assert reasons[1] == ("P2", "records_down")


def test_a_file_that_cannot_be_read_is_set_aside_and_the_others_go_on() -> None:
    (spool.folder() / "00000000000000000001-aaaa").write_text("e1:not-ours")
    assert spool.read(spool.waiting()[0]) is None
    assert spool.waiting() == []
    assert [path.suffix for path in spool.folder().iterdir() if path.suffix] == [".broken"]


def test_while_the_database_stays_away_staff_are_told_past_it_once(
        settings: object, mailoutbox: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from bot.settings import Alerts

    ours = get_settings()
    clinic = ours.clinic.copy(update={"alerts": Alerts(emails=("nurse@clinic.example",))})
    verdict = {"tier": "crisis", "category": "suicide"}
    spool.keep(spool.Kept("web", 1, None, "web:1:k", "k", HELP, {}, "2026-01-01T00:00:00+00:00", verdict, "P1", {}, []))

    def down(*_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(unspool, "record", down)
    for unspooler in (unspool.Unspooler(replace(ours, clinic=clinic)), unspool.Unspooler(replace(ours, clinic=clinic))):
        for _ in range(3):  # again and again, also by a worker that was started anew
            with pytest.raises(OperationalError):
                unspooler.look()
    assert len(mailoutbox) == 1
    assert "pills" not in mailoutbox[0].body + mailoutbox[0].subject  # type: ignore[attr-defined]


def test_two_messages_at_once_do_not_overwrite_what_each_made_of_the_conversation(
        gateway: Gateway, chat: Conversation) -> None:
    import dataclasses

    calm, danger = (dataclasses.replace(inbound(Conversation(pk=chat.pk, channel="web"), text, key))
                    for text, key in (("i feel so low these days", "key-calm"), (HELP, "key-help")))
    started, go = Event(), Event()
    load = rows.load

    def slow(row: object, lock: bool = False) -> bool:
        found = load(row, lock)  # type: ignore[arg-type]
        if lock and not started.is_set():
            started.set()
            go.wait(2)
        return found

    rows.load = slow  # type: ignore[assignment]
    try:
        first = Thread(target=lambda: (gateway._intake(danger, False, Event()), connection.close()))
        first.start()
        started.wait(5)
        second = Thread(target=lambda: (gateway._intake(calm, False, Event()), connection.close()))
        second.start()
        go.set()
        first.join()
        second.join()
    finally:
        rows.load = load
    chat.refresh_from_db()
    assert chat.tier in ("crisis", "emergency")
    assert chat.locked
