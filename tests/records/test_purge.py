"""What is kept no longer goes at night; what is held, or must be kept, stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from bot.records import dialogue_memory, nightly
from bot.records.models import Alert, Appointment, Conversation, Heartbeat, Message, Outbox
from bot.records.purge import purge
from bot.settings import Retention, get_settings

pytestmark = pytest.mark.django_db
KEEP = Retention(conversations=100, danger=2192, dialogue=10, outbox=20, visits=100)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Return a database such as Rasa keeps beside ours on SQLite."""
    path = tmp_path / "rasa.sqlite3"

    class Env:
        dialogue_url = f"sqlite:///{path}"

    class Chosen:
        env = Env()

    monkeypatch.setattr(dialogue_memory, "get_settings", Chosen)
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE rasa_dialogue (id INTEGER PRIMARY KEY, sender TEXT, events TEXT, state TEXT)")
        yield made


def _rested(days: int, **more: Any) -> Conversation:
    conversation = Conversation.objects.create(channel="web", **more)
    Message.objects.create(conversation=conversation, sender="patient", text="words that must go")
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=NOW - timedelta(days=days))
    return conversation


def test_conversations_go_after_their_time(memory: Any) -> None:
    old, young = _rested(101), _rested(99)
    held = _rested(5000, held_at=NOW)
    crisis, ancient = _rested(2000, tier="crisis"), _rested(2200, tier="crisis")
    alerted = _rested(2000)
    Alert.objects.create(conversation=alerted, priority="P3", reason="person_asked")
    done = purge(KEEP, NOW)
    assert set(Conversation.objects.all()) == {young, held, crisis, alerted}
    assert (done["conversations"], done["conversations with danger"]) == (1, 1)
    assert not Message.objects.filter(conversation__in=[old.pk, ancient.pk]).exists()
    assert purge(KEEP, NOW)["conversations"] == 0


def test_more_than_one_batch_goes(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.records.purge.BATCH", 2)
    for _ in range(5):
        _rested(101)
    assert purge(KEEP, NOW)["conversations"] == 5


def test_rasa_forgets_conversations_that_rest(memory: sqlite3.Connection) -> None:
    awake, resting = _rested(9), _rested(11)
    for case in (awake.case, resting.case, resting.case, "GONE42"):
        memory.execute("INSERT INTO rasa_dialogue (sender, events, state) VALUES (?, 'patient words', '{}')", [case])
    memory.commit()
    assert purge(KEEP, NOW)["dialogues"] == 2
    assert [row[0] for row in memory.execute("SELECT sender FROM rasa_dialogue")] == [awake.case]
    assert Conversation.objects.count() == 2  # the records themselves stay


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Rasa's memory is in the clinic's PostgreSQL")
def test_rasa_forgets_on_postgresql() -> None:
    resting = _rested(11)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS rasa_dialogue (id serial, sender text, events text, state text)")
        cursor.execute("INSERT INTO rasa_dialogue (sender, events, state) VALUES (%s, 'x', '{}')", [resting.case])
    assert purge(KEEP, NOW)["dialogues"] == 1


def test_without_a_memory_nothing_breaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Chosen:
        class env:
            dialogue_url = f"sqlite:///{tmp_path / 'none.sqlite3'}"

    monkeypatch.setattr(dialogue_memory, "get_settings", Chosen)
    assert purge(KEEP, NOW)["dialogues"] == 0
    assert not (tmp_path / "none.sqlite3").exists()


def test_sent_texts_and_names_of_past_visits_go(memory: Any) -> None:
    conversation, held = _rested(1), _rested(1, held_at=NOW)
    for number, (each, state, days) in enumerate([(conversation, "sent", 21), (conversation, "failed", 21),
                                                  (conversation, "queued", 21), (conversation, "sent", 19),
                                                  (held, "sent", 21)]):
        Outbox.objects.create(kind="sms", to="+15550100134", body="x", key=str(number), conversation=each, state=state,
                              created_at=NOW - timedelta(days=days))
    for number, days in enumerate((101, 99)):
        end = NOW - timedelta(days=days)
        Appointment.objects.create(service="c", room=str(number), start=end, end=end, state="booked", first_name="Ana",
                                   contact="ana@example.org")
    done = purge(KEEP, NOW)
    assert sorted(Outbox.objects.values_list("key", flat=True)) == ["2", "3", "4"]
    assert (done["sent messages"], done["visits"]) == (2, 1)
    assert sorted(Appointment.objects.values_list("first_name", flat=True)) == ["", "Ana"]


@pytest.mark.parametrize("last, now, expected", [
    ("2026-11-21T08:00", "2026-11-22T07:59", False),   # 2:59 am in New York; done yesterday after three
    ("2026-11-21T08:00", "2026-11-22T08:00", True),    # three o'clock
    ("2026-11-22T08:01", "2026-11-22T23:00", False),
    ("2026-11-20T12:00", "2026-11-22T01:00", True)])   # the machine was off at night
def test_the_night_comes_once(last: str, now: str, expected: bool) -> None:
    at = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (last, now))
    assert nightly.due(*at, get_settings().clinic) is expected


def test_one_worker_claims_the_night() -> None:
    clinic, now = get_settings().clinic, timezone.now()
    assert not nightly.claim(clinic, now)  # the first start waits for the night
    Heartbeat.objects.filter(name="nightly").update(at=now - timedelta(days=2))
    assert nightly.claim(clinic, now)
    assert not nightly.claim(clinic, now)
