"""Full-text search over what patients and staff wrote: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

import re

from django.db import connection

_FOLD = str.maketrans("áéíóúüñÁÉÍÓÚÜÑ", "aeiouunAEIOUUN")
_PART = re.compile(r'"([^"]+)"|(\S+)')
_WORD = re.compile(r"\w+")

_SQLITE = """
SELECT conversation_id FROM records_message WHERE id IN (
  SELECT rowid FROM records_words WHERE records_words MATCH %s ORDER BY rowid DESC LIMIT %s)
ORDER BY id DESC"""
# Left to itself, PostgreSQL reads all messages from the newest backwards also for a word that is in few of
# them. So it is first asked whether there are few (it need not sort to say so), and these come by the index.
_FEW = 4000
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM records_message WHERE words @@ to_tsquery('simple', %s) LIMIT %s) AS few"
_POSTGRESQL = """
SELECT conversation_id FROM records_message WHERE words @@ to_tsquery('simple', %s) ORDER BY {order} DESC LIMIT %s"""


def conversations_with(words: str, limit: int) -> list[int]:
    """Return the conversations whose messages hold all these words or their beginnings, the newest first.

    Words in double quotes must follow each other. `limit` is how many messages are looked at.
    """
    groups = _groups(words)
    if not groups:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            query = " & ".join(_tsquery(group) for group in groups)
            cursor.execute(_COUNT, [query, _FEW + 1])
            statement = _POSTGRESQL.format(order="id + 0" if cursor.fetchone()[0] <= _FEW else "id")
        else:
            statement, query = _SQLITE, " AND ".join(_fts5(group) for group in groups)
        cursor.execute(statement, [query, limit])
        return list(dict.fromkeys(row[0] for row in cursor.fetchall()))


def _groups(words: str) -> list[list[str]]:
    """Return the words to be found; those of a group follow each other."""
    groups: list[list[str]] = []
    for phrase, single in _PART.findall(words):
        found = _WORD.findall(phrase or single)
        if found:
            groups.append(found)
    return groups


def _fts5(group: list[str]) -> str:
    return '"' + " ".join(group) + '" *'


def _tsquery(group: list[str]) -> str:
    words = [word.translate(_FOLD) for word in group]
    return "(" + " <-> ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*"]) + ")"
