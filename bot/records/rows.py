"""Single-row statements for the way of a message.

Django's ORM builds each statement anew, which costs more here than running it: a crisis reply
waits for six of them. These are built once a model; values go through the fields' own
conversion, so that SQLite and PostgreSQL get what they would get from `save`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model


def insert(row: Model) -> None:
    """Insert a new row and set its key; raises `IntegrityError` like `save`."""
    statement, values = _inserting(row)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {_quote(row._meta.pk.column)}", values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


def insert_once(row: Model) -> bool:
    """Insert a row unless one with the same unique values is there; returns whether it was, with its key set."""
    statement, values = _inserting(row)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ON CONFLICT DO NOTHING RETURNING {_quote(row._meta.pk.column)}", values)
        key = cursor.fetchone()
    if key is None:
        return False
    row.pk = key[0]
    row._state.adding, row._state.db = False, connection.alias
    return True


def load(row: Model, lock: bool = False) -> bool:
    """Read all fields of the row with this one's key into it; returns whether there is such a row.

    With `lock` no other transaction changes it before this one ends. On SQLite there is but one at a time.
    """
    fields, statement = _select(type(row), connection.vendor)
    if lock and connection.vendor == "postgresql":
        statement += " FOR NO KEY UPDATE"  # lets others write rows that point to it
    with connection.cursor() as cursor:
        cursor.execute(statement, [row.pk])
        values = cursor.fetchone()
    if values is None:
        return False
    for (field, converters), value in zip(fields, values):
        for convert in converters:
            value = convert(value, field.cached_col, connection)
        setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, connection.alias
    return True


def update(row: Model, *names: str) -> None:
    """Write the named fields of a row."""
    meta = row._meta
    fields = [meta.get_field(name) for name in names]
    assignments = ", ".join(f"{_quote(field.column)} = %s" for field in fields)  # type: ignore[union-attr]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection)  # type: ignore[union-attr]
              for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {_quote(meta.db_table)} SET {assignments} WHERE {_quote(meta.pk.column)} = %s",
                       [*values, row.pk])


def _inserting(row: Model) -> tuple[str, list[Any]]:
    fields, statement = _insert(type(row), connection.vendor)
    return statement, [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]


@lru_cache(maxsize=32)
def _insert(model: type[Model], vendor: str) -> tuple[list[Field[Any, Any]], str]:
    meta = model._meta
    fields = [field for field in meta.concrete_fields if field is not meta.pk]
    columns = ", ".join(_quote(field.column) for field in fields)
    places = ", ".join("%s" for _ in fields)
    return fields, f"INSERT INTO {_quote(meta.db_table)} ({columns}) VALUES ({places})"


@lru_cache(maxsize=32)
def _select(model: type[Model], vendor: str) -> tuple[list[tuple[Field[Any, Any], list[Any]]], str]:
    meta = model._meta
    fields = [(field, connection.ops.get_db_converters(field.cached_col) + field.get_db_converters(connection))
              for field in meta.concrete_fields]
    columns = ", ".join(_quote(field.column) for field, _ in fields)
    return fields, f"SELECT {columns} FROM {_quote(meta.db_table)} WHERE {_quote(meta.pk.column)} = %s"


def _quote(name: str | None) -> str:
    return str(connection.ops.quote_name(name or ""))
