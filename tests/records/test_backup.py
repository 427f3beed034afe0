"""A backup that was restored serves as before: the records, the keys that read them, Rasa's memory."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from bot.records import backup
from bot.settings import Settings, load_settings
from tests.tools import ROOT, free_ports

SEED = """
from bot.commands._django import setup
setup(database=True)
from bot.records.models import AuditRow, Conversation, Message
talk = Conversation.objects.create(channel="sms", phone="+15550100134")
Message.objects.create(conversation=talk, sender="patient", text="marmalade sky")
AuditRow.objects.create(action="view", case=talk.case)
"""
READ = """
from bot.commands._django import setup
setup(database=True)
from django.db import connection
from bot.records.models import AuditRow, Conversation
from bot.records.search import conversations_with
talk = Conversation.objects.get()
assert talk.phone == "+15550100134", talk.phone
assert conversations_with("marmalade", 5) == [talk.pk]
try:
    AuditRow.objects.get(); connection.cursor().execute("DELETE FROM records_auditrow")
except Exception as error:
    print("guarded", error)
"""


def _environment(folder: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "BOT_VAR": str(folder), "DATABASE_URL": "", "PYTHONPATH": str(ROOT), **more}


def _python(code: str, environment: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1500:]
    return done.stdout


def _settings(folder: Path) -> Settings:
    return load_settings(environ=_environment(folder))


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """Return a clinic's folder with a conversation, and with Rasa's memory of it."""
    folder = tmp_path / "before"
    folder.mkdir()
    _python(SEED, _environment(folder))
    with closing(sqlite3.connect(folder / "rasa.sqlite3")) as memory, memory:
        memory.execute("CREATE TABLE rasa_dialogue (sender TEXT)")
        memory.execute("INSERT INTO rasa_dialogue VALUES ('ABCDEF')")
    return folder


def test_what_was_backed_up_comes_back(clinic: Path, tmp_path: Path) -> None:
    file, after = tmp_path / "b.tar.gz", tmp_path / "after"
    parts = backup.write(_settings(clinic), file)
    assert {"bot.sqlite3", "rasa.sqlite3", "keys/field_key", "keys/secret_key", "clinic.yml"} <= set(parts)
    assert file.stat().st_mode & 0o077 == 0
    backup.restore(_settings(after), file)
    assert "guarded audit rows are kept" in _python(READ, _environment(after))
    assert (after / "field_key").read_text() == (clinic / "field_key").read_text()
    assert (after / "field_key").stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(after / "rasa.sqlite3")) as memory:
        assert memory.execute("SELECT sender FROM rasa_dialogue").fetchall() == [("ABCDEF",)]


def test_a_copy_is_whole_while_others_write(clinic: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(clinic / "bot.sqlite3", timeout=20)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE records_conversation SET language = 'xx'")  # not committed: not in the copy
        backup.write(_settings(clinic), tmp_path / "b.tar.gz")
        other.rollback()
    after = tmp_path / "after"
    backup.restore(_settings(after), tmp_path / "b.tar.gz")
    with closing(sqlite3.connect(after / "bot.sqlite3")) as copy:
        assert copy.execute("SELECT language FROM records_conversation").fetchall() == [("en",)]
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_records_are_replaced_only_when_asked_for(clinic: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    backup.write(_settings(clinic), file)
    with pytest.raises(backup.BackupError, match="--replace"):
        backup.restore(_settings(clinic), file)
    backup.restore(_settings(clinic), file, replace=True)
    with pytest.raises(backup.BackupError, match="there is a file"):
        backup.write(_settings(clinic), file)


def test_a_damaged_backup_touches_nothing(clinic: Path, tmp_path: Path) -> None:
    file, broken, after = tmp_path / "b.tar.gz", tmp_path / "broken.tar.gz", tmp_path / "after"
    backup.write(_settings(clinic), file)
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path / "parts", filter="data")
    whole = (tmp_path / "parts/bot.sqlite3").read_bytes()
    (tmp_path / "parts/bot.sqlite3").write_bytes(whole[:-100])
    with tarfile.open(broken, "w:gz") as archive:
        archive.add(tmp_path / "parts", "")
    for bad in (broken, tmp_path / "parts/clinic.yml", tmp_path / "missing.tar.gz"):
        with pytest.raises(backup.BackupError):
            backup.restore(_settings(after), bad)
    assert not (after / "bot.sqlite3").exists()


def test_the_commands(clinic: Path, tmp_path: Path) -> None:
    web, rasa, actions = map(str, free_ports(3))
    ports = {"BOT_PORT": web, "RASA_PORT": rasa, "ACTIONS_PORT": actions}
    file = str(tmp_path / "b.tar.gz")

    def bot(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "bot", *arguments], env=_environment(folder, **ports), cwd=ROOT,
                              capture_output=True, text=True)

    assert "field_key" in bot(clinic, "backup", file).stdout
    again = bot(clinic, "backup", file)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "Restored the sqlite backup" in bot(tmp_path / "after", "restore", file).stdout
