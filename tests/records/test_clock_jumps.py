"""A clock that jumps delays no word to staff, sends nothing twice and hides no message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bot.records import chores, store
from bot.records.models import Alert, Message, Outbox
from bot.records.outbox import Sender
from bot.settings import get_settings
from tests.records.test_outbox_and_chores import Hook, hook, queued  # noqa: F401

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_what_was_queued_while_the_clock_ran_ahead_goes_out_when_it_is_set_back(hook: str) -> None:  # noqa: F811
    row = queued(hook)
    Outbox.objects.update(created_at=timezone.now() + HOUR, not_before=timezone.now() + HOUR)
    assert Sender(get_settings()).send_due() == 1
    row.refresh_from_db()
    assert row.state == "sent"
    assert Sender(get_settings()).send_due() == 0
    assert len(Hook.got) == 1


def test_it_is_tried_again_with_patience_all_the_same(hook: str) -> None:  # noqa: F811
    Hook.status = 500
    row = queued(hook)
    Outbox.objects.update(created_at=timezone.now() + HOUR, not_before=timezone.now() + HOUR)
    sender = Sender(get_settings())
    assert sender.send_due() == 1
    assert sender.send_due() == 0  # not at once again
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 1)


def test_a_row_that_waits_for_its_time_still_does(hook: str) -> None:  # noqa: F811
    queued(hook)
    Outbox.objects.update(not_before=timezone.now() + HOUR)
    assert Sender(get_settings()).send_due() == 0


def test_a_row_that_a_worker_died_over_while_the_clock_ran_ahead_is_looked_at_again(hook: str) -> None:  # noqa: F811
    queued(hook)
    Outbox.objects.update(state="sending", not_before=timezone.now() + HOUR)
    assert Sender(get_settings()).send_due() == 1


def test_a_message_from_the_hour_that_was_not_is_flagged_when_nobody_answers() -> None:
    chat = store.open_conversation("web")
    message, _ = store.record_inbound(chat, "web:1:k", "k", "is it safe")
    Message.objects.filter(pk=message.pk).update(at=timezone.now() + HOUR)
    chores.look_after(get_settings().clinic)
    assert Alert.objects.get().reason == "unanswered"


def test_one_that_came_a_moment_ago_is_not() -> None:
    chat = store.open_conversation("web")
    store.record_inbound(chat, "web:1:k", "k", "is it safe")
    chores.look_after(get_settings().clinic)
    assert not Alert.objects.exists()
