"""A clinic that was served on SQLite moves to a real PostgreSQL: every row, every value, and the chats go on."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from tests import servers
from tests.records.test_backup import READ, SEED, _environment, _python
from tests.tools import ROOT, Patient, Service

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]
MORE = """
from django.contrib.auth.models import Group, User
from django.utils import timezone
from bot.records.models import Alert, Conversation, Message, Outbox, PhoneConsent, Verdict
user = User.objects.create_user("ana", password="correct horse battery")
user.groups.add(Group.objects.get_or_create(name="of our own")[0])
talk = Conversation.objects.get()
for number in range(1200):
    Message.objects.create(conversation=talk, sender="bot", text=f"line {number} ñ 💙", extra={"b": 1, "a": [number, None]})
first = Message.objects.order_by("id").first()
Verdict.objects.create(message=first, tier="none", category="none", subject="self", language="en", ms=0.1 + 0.2)
Message.objects.filter(pk=first.pk + 5).delete()
Alert.objects.create(conversation=talk, message=first, priority="P1", reason="crisis.suicide")
PhoneConsent.objects.create(phone="+15550100134", consents=True, source="first_text", wording_version="1")
Outbox.objects.create(kind="sms", to="+15550100134", body="hello", key="k", sent_at=timezone.now())
"""


def move(environment: dict[str, str], target: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bot", "to_postgresql"], cwd=ROOT, capture_output=True, text=True,
                          env={**environment, "TO_DATABASE_URL": target})


@pytest.fixture
def clinic(tmp_path: Path) -> dict[str, str]:
    from tests.tools import free_ports

    ports = dict(zip(("BOT_PORT", "RASA_PORT", "ACTIONS_PORT", "STANDIN_PORT"), map(str, free_ports(4))))
    environment = _environment(tmp_path / "clinic", REDIS_URL="", **ports)
    _python(SEED + MORE, environment)
    with closing(sqlite3.connect(tmp_path / "clinic" / "rasa.sqlite3")) as memory, memory:
        memory.execute("CREATE TABLE rasa_dialogue (id INTEGER PRIMARY KEY, sender TEXT, events TEXT, state TEXT)")
        memory.executemany("INSERT INTO rasa_dialogue VALUES (?, ?, ?, ?)", [(3, "8F3K2P", "[]", "{}"), (9, "8F3K2P", "[1]", "{}")])
    return environment


def test_every_row_and_value_is_there_and_the_next_row_finds_a_number(clinic: dict[str, str]) -> None:
    target = servers.postgresql().database()
    done = move(clinic, target)
    assert done.returncode == 0, done.stderr
    counts = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines() if line.startswith(("records_", "auth_", "rasa_"))}
    assert counts["records_message"] == "1200"
    assert counts["rasa_dialogue"] == "2"
    assert "Everything is there" in done.stdout
    after = {**clinic, "DATABASE_URL": target}
    assert "guarded audit rows are kept" in _python(READ, after)  # and the phone is read with the key
    print(_python("from bot.commands._django import setup\nsetup(database=True)\n"
                  "from bot.records.models import Message\n"
                  "from django.contrib.auth.models import User\n"
                  "row = Message.objects.create(conversation_id=Message.objects.first().conversation_id, sender='bot')\n"
                  "assert row.pk == 1202, row.pk\n"
                  "assert Message.objects.get(pk=3).extra == {'b': 1, 'a': [1, None]}, Message.objects.get(pk=3).extra\n"
                  "assert User.objects.get().groups.get().name == 'of our own'\n"
                  "assert User.objects.get().check_password('correct horse battery')\n", after))


def test_a_database_that_holds_something_is_refused_and_stays_as_it_is(clinic: dict[str, str]) -> None:
    target = servers.postgresql().database()
    assert move(clinic, target).returncode == 0
    again = move(clinic, target)
    assert (again.returncode, again.stdout) == (1, "")
    assert "not empty: there are rows in" in again.stderr
    assert "Traceback" not in again.stderr


def test_what_the_new_database_cannot_take_is_said_and_nothing_is_left_half_done(clinic: dict[str, str]) -> None:
    file = Path(clinic["BOT_VAR"]) / "bot.sqlite3"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE records_message SET kind = ? WHERE id = 40", ["x" * 50])
    before = file.read_bytes()
    target = servers.postgresql().database()
    done = move(clinic, target)
    assert done.returncode == 1
    assert "took not all of it" in done.stderr
    assert file.read_bytes() == before
    with closing(psycopg2.connect(target)) as database, database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_message")
        assert cursor.fetchone() == (0,)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE records_message SET kind = '' WHERE id = 40")
    assert move(clinic, target).returncode == 0  # mended, the same empty database takes it


def test_another_key_stops_it(clinic: dict[str, str]) -> None:
    done = move({**clinic, "FIELD_KEY": "another key than the one it was written with"}, servers.postgresql().database())
    assert done.returncode == 1
    assert "cannot be read" in done.stderr, done.stderr[-3000:]


def test_mistakes_are_one_line(clinic: dict[str, str]) -> None:
    for target in ("", "mysql://x", "postgres://bot@127.0.0.1:1/none"):
        done = move(clinic, target)
        assert done.returncode == 1
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1, done.stderr


def test_a_chat_that_began_on_sqlite_goes_on_on_postgresql(trained: None, tmp_path: Path) -> None:
    var = str(tmp_path / "var")
    with Service(tmp_path / "a", BOT_VAR=var, DATABASE_URL="", REDIS_URL="") as service:
        patient = Patient(service.base)
        assert patient.say("i'd like to book a consultation")[0]["choices"]
        environment = service.environment
    target = servers.postgresql().database()
    assert move(environment, target).returncode == 0
    with Service(tmp_path / "b", BOT_VAR=var, DATABASE_URL=target, REDIS_URL="") as service:
        patient.base = service.base
        assert [row["text"] for row in patient.history() if row["from"] == "patient"] == ["i'd like to book a consultation"]
        assert patient.say("any day is fine")[0]["kind"] == "booking"  # Rasa knows where they were
    assert os.path.exists(Path(var) / "bot.sqlite3")
