"""One message of a conversation at a time with Rasa, whatever dies and however the clock jumps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bot.records import store
from bot.records.models import Conversation, Message

pytestmark = pytest.mark.django_db
LONG = timedelta(seconds=14)


def message(chat: Conversation, key: str, ago: timedelta = timedelta(0)) -> Message:
    row, _ = store.record_inbound(chat, key, key, "is it safe")
    if ago:
        Message.objects.filter(pk=row.pk).update(at=timezone.now() - ago)
    return row


@pytest.fixture
def chat() -> Conversation:
    return store.open_conversation("web")


def take(chat: Conversation, row: Message, **since: object) -> bool:
    return store.try_lease(chat.pk, row.pk, timezone.now() + LONG, **since)  # type: ignore[arg-type]


def test_a_second_message_waits_until_the_turn_is_given_back(chat: Conversation) -> None:
    first = message(chat, "first")
    assert take(chat, first)
    assert not take(chat, first)
    second = message(chat, "second")
    assert not take(chat, second)
    store.record_replies(first, chat, [])
    store.touch(chat, busy_until=None)
    assert take(chat, second)


def test_a_turn_that_was_never_given_back_ends_by_itself(chat: Conversation) -> None:
    row = message(chat, "only")
    store.touch(chat, busy_until=timezone.now() - timedelta(seconds=1))
    assert take(chat, row)


def test_a_clock_that_is_set_back_an_hour_locks_nobody_out(chat: Conversation) -> None:
    row = message(chat, "only")
    store.touch(chat, busy_until=timezone.now() + timedelta(hours=1))
    assert take(chat, row)


def test_a_message_of_a_clock_that_ran_ahead_holds_nobody_up(chat: Conversation) -> None:
    message(chat, "ahead", ago=-timedelta(hours=1))
    assert take(chat, message(chat, "now"))


def test_what_a_process_left_when_it_died_holds_up_none_of_its_successor(chat: Conversation) -> None:
    message(chat, "left", ago=timedelta(seconds=5))
    store.touch(chat, busy_until=timezone.now() + timedelta(seconds=9))
    row = message(chat, "next")
    assert not take(chat, row)
    assert take(chat, row, since=timezone.now() - timedelta(seconds=1))
