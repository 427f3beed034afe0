"""Everything on record, from one database to another, with proof that nothing was lost on the way.

Rows are read and written by the fields' own conversion. What is proven: as many rows in every table, the
same digest over every table's values as read back from the new database (encrypted ones decrypted, and so
read with the key), and the same for Rasa's memory. One transaction; what is not proven is not committed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connections, transaction
from django.db.models import Field, Model

from bot.records import guards
from bot.records.fields import PREFIX, CannotDecrypt, EncryptedField

BATCH = 500
MEMORY = "rasa_dialogue"
MEMORY_COLUMNS = ("id", "sender", "events", "state")
# What migrations themselves write; the old database's rows take their place.
MADE_BY_MIGRATIONS = ("django_migrations", "django_content_type", "auth_permission", "auth_group",
                      "auth_group_permissions")


class CannotMove(Exception):
    """The records cannot be moved; one line that a person can act on. The old database is as it was."""


@dataclass(frozen=True)
class Proof:
    """One table as it is in both databases."""

    table: str
    rows: int
    digest: str
    encrypted: int = 0  # values that were read with the key


def move(source: str, target: str, memory: Path | None, make_tables: Callable[[], None]) -> list[Proof]:
    """Copy every table from one of Django's connections to another, once `make_tables` has made them there.

    Raises `CannotMove`.
    """
    _refuse_unless_empty(target)
    make_tables()
    models = _models()
    with transaction.atomic(source):  # on SQLite nobody else writes until this ends
        try:
            with transaction.atomic(target):
                _clear_what_migrations_wrote(target, models)
                for model in models:
                    _copy(model, source, target)
                moved = _move_memory(memory, target)
                _set_counters(target, models)
                proofs = [_prove(model, source, target) for model in models] + moved
                connections[target].check_constraints()
        except DatabaseError as error:
            raise CannotMove(f"the new database took not all of it: {str(error).splitlines()[0]}") from None
        except CannotDecrypt as error:
            raise CannotMove(f"an encrypted value cannot be read: {error}") from None
    guards.install(using=target)
    return proofs


def _models() -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy]


def _refuse_unless_empty(target: str) -> None:
    """Raise `CannotMove` when there is any row that migrations have not written."""
    connection = connections[target]
    try:
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                if table in MADE_BY_MIGRATIONS:
                    continue
                cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")
                if cursor.fetchone():
                    raise CannotMove(f"the new database is not empty: there are rows in {table}")
    except DatabaseError as error:
        raise CannotMove(f"the new database cannot be reached: {str(error).splitlines()[0]}") from None


def _clear_what_migrations_wrote(target: str, models: list[type[Model]]) -> None:
    connection = connections[target]
    with connection.cursor() as cursor:
        names = [model._meta.db_table for model in models if model._meta.db_table in MADE_BY_MIGRATIONS]
        for table in names:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


def _copy(model: type[Model], source: str, target: str) -> None:
    fields, connection = _fields(model), connections[target]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join("%s" for _ in fields)
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"
    with connection.cursor() as cursor:
        for batch in _batches(_values(model, source)):
            cursor.executemany(statement, [
                [field.get_db_prep_save(value, connection) for field, value in zip(fields, row)] for row in batch])


def _values(model: type[Model], using: str) -> Iterator[tuple[Any, ...]]:
    """Yield a table's rows in the order of their keys, each value as the field reads it."""
    fields, connection = _fields(model), connections[using]
    quote = connection.ops.quote_name
    converters = [connection.ops.get_db_converters(field.cached_col) + field.get_db_converters(connection)
                  for field in fields]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    order = quote(str(model._meta.pk.column))
    # The bytes decide, not the language: keys that are text sort the same in every database.
    if connection.vendor == "postgresql" and model._meta.pk.get_internal_type() in ("CharField", "TextField"):
        order += ' COLLATE "C"'
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {quote(model._meta.db_table)} ORDER BY {order}")
        while batch := cursor.fetchmany(BATCH):
            for row in batch:
                yield tuple(_converted(value, field, functions, connection)
                            for value, field, functions in zip(row, fields, converters))


def _converted(value: Any, field: Field[Any, Any], functions: list[Any], connection: Any) -> Any:
    for convert in functions:
        value = convert(value, field.cached_col, connection)
    return value


def _prove(model: type[Model], source: str, target: str) -> Proof:
    """Return a table's proof; raises `CannotMove` where the two databases do not hold the same."""
    was, came = (_digest(_values(model, using)) for using in (source, target))
    table = model._meta.db_table
    if was != came:
        raise CannotMove(f"{table}: {was[0]} rows became {came[0]}, or a value changed on the way")
    return Proof(table, *came, encrypted=_count_encrypted(model, target))


def _digest(values: Iterator[tuple[Any, ...]]) -> tuple[int, str]:
    total, count = hashlib.sha256(), 0
    for row in values:
        total.update(json.dumps(row, cls=_Plain, sort_keys=True).encode() + b"\n")
        count += 1
    return count, total.hexdigest()


class _Plain(DjangoJSONEncoder):
    """Writes what JSON has no word for; times to the microsecond, which Django's own encoder cuts."""

    def default(self, value: Any) -> Any:
        if hasattr(value, "isoformat"):
            return value.isoformat()
        return value.hex() if isinstance(value, (bytes, memoryview)) else super().default(value)


def _count_encrypted(model: type[Model], using: str) -> int:
    """Return how many values are kept encrypted; that they can be read, reading them has shown."""
    quote, count = connections[using].ops.quote_name, 0
    with connections[using].cursor() as cursor:
        for field in _fields(model):
            if isinstance(field, EncryptedField):
                cursor.execute(f"SELECT count(*) FROM {quote(model._meta.db_table)} "
                               f"WHERE {quote(str(field.column))} LIKE %s", [f"{PREFIX}%"])
                count += cursor.fetchone()[0]
    return count


def _set_counters(target: str, models: list[type[Model]]) -> None:
    """Let the next row's number follow the highest that came."""
    connection = connections[target]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _move_memory(memory: Path | None, target: str) -> list[Proof]:
    """Copy what Rasa remembers of the conversations, from its own file."""
    if memory is None or not memory.is_file():
        return []
    columns = ", ".join(MEMORY_COLUMNS)
    with closing(sqlite3.connect(memory, timeout=20)) as old, connections[target].cursor() as cursor:
        if not old.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [MEMORY]).fetchone():
            return []
        cursor.execute(f"CREATE TABLE {MEMORY} (id serial PRIMARY KEY, sender varchar(64) NOT NULL, "
                       "events text NOT NULL, state text NOT NULL)")
        cursor.execute(f"CREATE INDEX ix_{MEMORY}_sender ON {MEMORY} (sender)")
        select = f"SELECT {columns} FROM {MEMORY} ORDER BY id"
        for batch in _batches(iter(old.execute(select))):
            cursor.executemany(f"INSERT INTO {MEMORY} ({columns}) VALUES (%s, %s, %s, %s)", batch)
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{MEMORY}', 'id'), "
                       f"(SELECT coalesce(max(id), 1) FROM {MEMORY}))")
        was = _digest(tuple(row) for row in old.execute(select))
        cursor.execute(select)
        came = _digest(tuple(row) for row in cursor.fetchall())
    if was != came:
        raise CannotMove(f"{MEMORY}: {was[0]} rows became {came[0]}, or a value changed on the way")
    return [Proof(MEMORY, *came)]


def _fields(model: type[Model]) -> list[Field[Any, Any]]:
    return list(model._meta.concrete_fields)


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
