"""Confirmed means on the disk, also when the power goes the next moment.

On SQLite every commit of the desk, the actions and the worker goes through to the disk by itself
(`synchronous=FULL`). A patient's message has several commits and one confirmation, so the gateway's
connections leave the log in the system's memory (NORMAL) and write it through once, before they answer:
the log is one file, and what is committed before is in it before. PostgreSQL does this by itself.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from django.db import connection

_here = threading.local()


def lazily() -> None:
    """Let this thread's connection commit without waiting for the disk; `through` has to follow."""
    if connection.vendor != "sqlite":
        return
    connection.ensure_connection()
    if getattr(_here, "lazy", None) is not connection.connection and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")
        _here.lazy = connection.connection


def through() -> None:
    """Write what is committed through to the disk; raises `OSError`."""
    if connection.vendor != "sqlite":
        return
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    try:
        handle = os.open(log, os.O_RDONLY)
    except FileNotFoundError:
        return  # no log: everything has been moved into the database itself, and written through
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
