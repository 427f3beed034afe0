"""What the database itself holds: an audit that only grows, and the index that searches what was said.

Installed after every migration, since SQLite drops a table's triggers when a migration rebuilds it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import connections, transaction

_SCRIPTS = Path(__file__).with_name("sql")
_AUDIT_TRIGGERS = ("audit_never_changes", "audit_never_shrinks")


def install(using: str = "default", **_kwargs: Any) -> None:
    """Create what is missing; what is there stays."""
    connection = connections[using]
    if "records_auditrow" not in connection.introspection.table_names():
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute((_SCRIPTS / "postgresql.sql").read_text())
            cursor.execute("SELECT 1 FROM information_schema.columns "
                           "WHERE table_name = 'records_message' AND column_name = 'words'")
            if cursor.fetchone() is None:
                cursor.execute((_SCRIPTS / "postgresql_words.sql").read_text())
            return
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'records_words'")
        is_new = cursor.fetchone() is None
        for statement in _statements((_SCRIPTS / "sqlite.sql").read_text()):
            cursor.execute(statement)
        if is_new:
            cursor.execute("INSERT INTO records_words(records_words) VALUES ('rebuild')")


def lift_audit_guard(using: str = "default") -> None:
    """Drop the audit's triggers, which only the emptying of a test's database needs."""
    connection = connections[using]
    table = " ON records_auditrow" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _AUDIT_TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{table}")


def forget_deleted_words(using: str = "default") -> None:
    """Merge the index, so that words of deleted messages are in none of its older parts (SQLite)."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO records_words(records_words) VALUES ('optimize')")


def _statements(script: str) -> list[str]:
    """Return the statements of a script; each ends where a line ends with a semicolon and a blank line follows."""
    parts = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    return [part.strip() for part in parts.split("\n\n") if part.strip()]
