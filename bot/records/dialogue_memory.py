"""Rasa's own memory of a conversation, which holds the patient's words a second time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

from bot.settings import get_settings

_TABLE = "rasa_dialogue"


def forget_dialogue(case: str) -> None:
    """Delete what Rasa remembers of a conversation; raises `OSError` or a database's error when it cannot.

    Done here, not by Rasa, so that it works while Rasa is down.
    """
    url = get_settings().env.dialogue_url
    if not url.startswith("sqlite"):
        with connection.cursor() as cursor:
            if _TABLE in connection.introspection.table_names(cursor):
                cursor.execute(f"DELETE FROM {_TABLE} WHERE sender = %s", [case])
        return
    path = Path(url.removeprefix("sqlite:///"))
    if path.is_file():
        with closing(sqlite3.connect(path, timeout=20)) as memory, memory:
            if memory.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [_TABLE]).fetchone():
                memory.execute(f"DELETE FROM {_TABLE} WHERE sender = ?", [case])
