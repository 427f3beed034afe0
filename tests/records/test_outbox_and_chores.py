"""What is to be sent is sent once, with patience; what staff must see, they see."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from bot.records import chores, store
from bot.records.alerts import priority, raise_alert
from bot.records.models import Alert, AuditRow, Message, Outbox
from bot.records.outbox import GIVE_UP_AFTER, Sender
from bot.settings import Alerts, Escalation, get_settings

pytestmark = pytest.mark.django_db


class Hook(http.server.BaseHTTPRequestHandler):
    """A webhook that keeps what it gets, and fails when told to."""

    got: list[dict[str, str]] = []
    status = 200

    def do_POST(self) -> None:
        Hook.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(Hook.status)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.got, Hook.status = [], 200
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def queued(url: str, key: str = "one") -> Outbox:
    return Outbox.objects.create(kind="webhook", to=url, body='{"case": "ABC"}', key=key)


def test_a_row_is_sent_once(hook: str) -> None:
    row = queued(hook)
    sender = Sender(get_settings())
    assert sender.send_due() == 1 and sender.send_due() == 0
    row.refresh_from_db()
    assert row.state == "sent" and Hook.got == [{"case": "ABC"}]


def test_a_provider_that_is_down_is_tried_again_later_and_given_up_in_the_end(hook: str) -> None:
    Hook.status = 503
    row, sender = queued(hook), Sender(get_settings())
    for attempt in range(GIVE_UP_AFTER):
        assert sender.send_due() == 1
        row.refresh_from_db()
        assert row.attempts == attempt + 1
        assert sender.send_due() == 0  # not before its time
        Outbox.objects.update(not_before=timezone.now())
    assert row.state == "failed" and row.error


def test_a_row_that_a_dead_worker_held_is_sent_after_all(hook: str) -> None:
    row = queued(hook)
    Outbox.objects.update(state="sending", not_before=timezone.now() - timedelta(minutes=6))
    assert Sender(get_settings()).send_due() == 1
    row.refresh_from_db()
    assert row.state == "sent"


def test_without_an_account_a_text_fails_with_the_reason() -> None:
    row = Outbox.objects.create(kind="sms", to="+15550100001", body="x", key="sms")
    settings = get_settings()
    public = replace(settings.env, public_url="https://chat.clinic.example")  # in public nothing stands in for Twilio
    Sender(replace(settings, env=public)).send_due()
    row.refresh_from_db()
    assert row.state == "failed" and "no SMS account" in row.error


def test_an_open_alert_is_sent_again_on_its_schedule_and_an_acknowledged_one_is_not() -> None:
    clinic = get_settings().clinic.copy(update={"alerts": Alerts(emails=("nurse@x.example",))})
    chat = store.open_conversation("web")
    raise_alert(clinic, chat, None, "P1", "crisis.suicide")
    raise_alert(clinic, chat, None, "P1", "crisis.suicide")
    assert Alert.objects.count() == 1
    assert Outbox.objects.count() == 1
    for minutes, total in ((4, 1), (6, 2), (16, 3), (80, 4)):
        Alert.objects.update(created_at=timezone.now() - timedelta(minutes=minutes))
        chores.look_after(clinic)
        chores.look_after(clinic)
        assert Outbox.objects.count() == total
    Alert.objects.update(created_at=timezone.now() - timedelta(hours=9), acknowledged_at=timezone.now())
    chores.look_after(clinic)
    assert Outbox.objects.count() == 4


def test_a_p1_that_nobody_takes_reaches_the_next_in_line_by_every_way() -> None:
    first = {"emails": ("nurse@x.example",), "phones": ("+15550100111",), "webhooks": ("https://x.example/a",)}
    then = {"emails": ("director@x.example",), "phones": ("+15550100333",), "webhooks": ("https://x.example/b",)}
    clinic = get_settings().clinic.copy(update={"alerts": Alerts(**first, escalation=Escalation(**then))})
    raise_alert(clinic, store.open_conversation("web"), None, "P1", "crisis.suicide")
    raise_alert(clinic, store.open_conversation("web"), None, "P2", "check_in.distress")
    reached: dict[tuple[str, int], set[str]] = {}
    seen: set[int] = set()
    for minutes in (0, 5, 15, 300):
        Alert.objects.update(created_at=timezone.now() - timedelta(minutes=minutes))
        chores.look_after(clinic)
        for row in Outbox.objects.exclude(pk__in=seen):
            seen.add(row.pk)
            assert row.alert is not None
            reached.setdefault((row.alert.priority, minutes), set()).add(row.to)
            assert not minutes or f"open for {minutes} minutes" in row.body or f'"open_minutes": {minutes}' in row.body
    everybody = {to for listed in (first, then) for values in listed.values() for to in values}
    alone = {to for values in first.values() for to in values}
    assert reached == {("P1", 0): alone, ("P1", 5): everybody, ("P1", 15): everybody, ("P1", 300): everybody,
                       ("P2", 0): alone, ("P2", 300): alone}


def test_after_a_pause_of_the_worker_one_word_goes_out_and_not_many() -> None:
    clinic = get_settings().clinic.copy(update={"alerts": Alerts(emails=("nurse@x.example",))})
    raise_alert(clinic, store.open_conversation("web"), None, "P1", "crisis.suicide")
    Alert.objects.update(created_at=timezone.now() - timedelta(hours=9))
    for _ in range(5):
        chores.look_after(clinic)
    assert Outbox.objects.count() == 2


def test_whoever_is_on_call_is_texted_for_p1_alone() -> None:
    clinic = get_settings().clinic.copy(update={"alerts": Alerts(phones=("+15550100111",)),
                                                "on_call_phone": "+15550100222"})
    for level, expected in (("P1", {"+15550100111", "+15550100222"}), ("P2", {"+15550100111"})):
        raise_alert(clinic, store.open_conversation("web"), None, level, "crisis.suicide")
        assert {row.to for row in Outbox.objects.filter(alert__priority=level)} == expected


def test_a_message_without_an_answer_is_flagged() -> None:
    chat = store.open_conversation("web")
    Message.objects.create(conversation=chat, sender="patient", text="hello?", dedup="x",
                           at=timezone.now() - timedelta(minutes=2))
    chores.look_after(get_settings().clinic)
    assert Alert.objects.get().reason == "unanswered"


@pytest.mark.parametrize("tier, category, subject, expected", [
    ("emergency", "medical", "other", "P1"), ("crisis", "suicide", "self", "P1"), ("crisis", "suicide", "other", "P2"),
    ("crisis", "violence", "self", "P1"), ("crisis", "abuse", "minor", "P1"), ("crisis", "self_harm", "self", "P2"),
    ("check_in", "distress", "self", "P2"), ("info", "suicide", "self", "P3"), ("none", "none", "self", None)])
def test_priorities(tier: str, category: str, subject: str, expected: str | None) -> None:
    assert priority(tier, category, subject) == expected


def test_audit_rows_are_only_ever_added() -> None:
    row = AuditRow.objects.create(action="view")
    for change in (row.save, row.delete, lambda: AuditRow.objects.update(action="x"), AuditRow.objects.all().delete):
        with pytest.raises(TypeError):
            change()
