"""Rasa's own memory of a conversation, which holds the patient's words a second time.

Reached here, not through Rasa, so that it works while Rasa is down.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from bot.settings import get_settings

_TABLE = "rasa_dialogue"
BATCH = 500


def forget_dialogue(case: str) -> None:
    """Delete what Rasa remembers of a conversation; raises `OSError` or a database's error when it cannot."""
    with _memory() as (run, place):
        run(f"DELETE FROM {_TABLE} WHERE sender = {place}", [case])


def remembered_cases() -> list[str]:
    """Return the conversations that Rasa remembers."""
    with _memory() as (run, _):
        return [row[0] for row in run(f"SELECT DISTINCT sender FROM {_TABLE}", [])]


def forget_all_but(awake: set[str], cases: Iterable[str]) -> int:
    """Delete what Rasa remembers of these conversations save those that are awake; return how many went."""
    going = [case for case in cases if case not in awake]
    for start in range(0, len(going), BATCH):
        part = going[start:start + BATCH]
        with _memory() as (run, place):
            run(f"DELETE FROM {_TABLE} WHERE sender IN ({', '.join([place] * len(part))})", part)
    return len(going)


@contextmanager
def _memory() -> Iterator[tuple[Any, str]]:
    """Give a function that runs a statement and returns its rows, and the sign of a place for a value in it.

    Where Rasa has made no table yet, nothing is run.
    """
    url = get_settings().env.dialogue_url
    if not url.startswith("sqlite"):
        with connection.cursor() as cursor:
            exists = _TABLE in connection.introspection.table_names(cursor)

            def on_postgresql(statement: str, values: list[str]) -> list[Any]:
                cursor.execute(statement, values)
                return list(cursor.fetchall()) if cursor.description else []

            yield (on_postgresql if exists else _nothing), "%s"
        return
    path = Path(url.removeprefix("sqlite:///"))
    if not path.is_file():
        yield _nothing, "?"
        return
    with closing(sqlite3.connect(path, timeout=20)) as memory, memory:
        memory.execute("PRAGMA secure_delete=ON")
        exists = memory.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [_TABLE]).fetchone()
        yield (lambda statement, values: memory.execute(statement, values).fetchall()) if exists else _nothing, "?"


def _nothing(statement: str, values: list[str]) -> list[Any]:
    return []
