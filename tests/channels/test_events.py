"""New messages for whoever listens: each once, also those whose id is there before they are."""

from __future__ import annotations

import pytest

from bot.channels.events import Fresh, _newest
from bot.records import store
from bot.records.models import Conversation, Message

pytestmark = pytest.mark.django_db


def say(chat: Conversation, text: str, number: int | None = None) -> Message:
    return Message.objects.create(pk=number, conversation=chat, sender="bot", text=text)


def test_what_came_before_is_not_news_and_what_comes_is_news_once() -> None:
    chat = store.open_conversation("web")
    say(chat, "before")
    fresh = Fresh(_newest())
    assert fresh.read() == []
    new = say(chat, "after")
    assert fresh.read() == [new]
    assert fresh.read() == []


def test_a_message_with_a_lower_id_that_comes_later_is_not_left_out() -> None:
    chat = store.open_conversation("web")
    start = say(chat, "before").pk
    fresh = Fresh(_newest())
    second = say(chat, "second", start + 2)  # another transaction has start + 1 and is not through yet
    assert fresh.read() == [second]
    first = say(chat, "first", start + 1)
    assert fresh.read() == [first]
    assert fresh.read() == []


def test_one_that_was_on_its_way_when_listening_began_is_not_left_out() -> None:
    chat = store.open_conversation("web")
    start = say(chat, "before").pk
    say(chat, "newest", start + 2)
    fresh = Fresh(_newest())
    late = say(chat, "late", start + 1)
    assert fresh.read() == [late]
