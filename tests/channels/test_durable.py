"""What a patient was confirmed is on the disk at that moment, not in the system's memory alone."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from bot.channels.gateway import Gateway
from bot.channels.inbound import Inbound
from bot.records import durable, store
from tests.channels.conftest import Scripted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow,
              pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's own synchronous_commit does it")]


@pytest.mark.parametrize("text", ["how much is it", "I want to kill myself tonight, I have the pills here"])
async def test_the_disk_as_it_was_last_written_through_holds_the_message_and_its_answer(
        text: str, scripted: Scripted, gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.rasa = scripted
    disk = tmp_path / "disk.sqlite3"

    def as_written_through(handle: int) -> None:
        """Keep the files as they are at this moment: what a power cut would leave."""
        name = str(connection.settings_dict["NAME"])
        for end in ("", "-wal"):
            shutil.copy(name + end, f"{disk}{end}")

    monkeypatch.setattr(durable.os, "fsync", as_written_through)
    chat = await gateway.in_thread(store.open_conversation, "web")
    outcome = await gateway.receive(Inbound(chat, f"web:{chat.pk}:key", "key", text))
    with closing(sqlite3.connect(disk)) as after:
        rows = after.execute("SELECT sender, text FROM records_message WHERE conversation_id = ? ORDER BY id", [chat.pk]).fetchall()
    assert rows == [("patient", text), *(("bot", reply.text) for reply in outcome.replies)]


def test_what_is_not_the_gateways_is_written_through_at_each_commit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,)
    assert os.path.exists(str(connection.settings_dict["NAME"]))
