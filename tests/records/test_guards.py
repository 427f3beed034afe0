"""What the database itself holds: an audit that only grows, and the index of what was said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from bot.records import guards, search
from bot.records.models import AuditRow, Conversation, Message

pytestmark = pytest.mark.django_db


def _run(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize("statement", [
    "UPDATE records_auditrow SET action = 'nothing'", "DELETE FROM records_auditrow",
    "UPDATE records_auditrow SET at = '2001-01-01'"])
def test_not_even_sql_changes_the_audit(statement: str) -> None:
    AuditRow.objects.create(action="view", case="8F3K2P")
    with pytest.raises(DatabaseError, match="audit rows are"):
        _run(statement)
    assert AuditRow.objects.get().action == "view"


def test_rows_beyond_six_years_may_go() -> None:
    for years in (1, 5, 7):
        AuditRow.objects.create(action=f"of {years}", at=timezone.now() - timedelta(days=366 * years))
    _run("DELETE FROM records_auditrow WHERE action = 'of 7'")
    with pytest.raises(DatabaseError):
        _run("DELETE FROM records_auditrow WHERE action = 'of 5'")
    assert AuditRow.objects.count() == 2


def test_installing_again_changes_nothing() -> None:
    said = Message.objects.create(conversation=Conversation.objects.create(channel="web"), sender="patient",
                                  text="the anaesthetist was kind")
    guards.install()
    assert search.conversations_with("anaesthetist", 10) == [said.conversation_id]


def _said(text: str, sender: str = "patient") -> Message:
    return Message.objects.create(conversation=Conversation.objects.create(channel="web"), sender=sender, text=text)


@pytest.mark.parametrize("words, found", [
    ("infusion", True), ("INFUS", True), ("my infusion", True), ("infusion my", True), ('"my infusion"', True),
    ('"infusion my"', False), ("infusion nowhere", False), ("depresion", True), ("depresión", True),
    ("' OR 1=1 --", False), ('"', False), ("don't", True), ("* NEAR(", False), ("", False), (":*&|!()", False)])
def test_search(words: str, found: bool) -> None:
    said = _said("Yesterday was my infusion, don't tell; la depresión")
    _said("something else")
    assert search.conversations_with(words, 100) == ([said.conversation_id] if found else [])


def test_our_own_answers_are_not_searched() -> None:
    _said("Ketamine is an anesthetic.", sender="bot")
    asked = _said("what is ketamine?")
    helped = _said("Ketamine, as I said", sender="staff")
    assert set(search.conversations_with("ketamine", 10)) == {asked.conversation_id, helped.conversation_id}


def test_what_is_changed_or_deleted_is_not_found() -> None:
    changed, deleted = _said("lavender"), _said("lavender too")
    changed.text = "rosemary"
    changed.save()
    deleted.delete()
    assert search.conversations_with("lavender", 10) == []
    assert search.conversations_with("rosemary", 10) == [changed.conversation_id]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's vacuum does it")
def test_after_the_nightly_merge_no_deleted_word_is_in_the_index() -> None:
    _said("xylophone").delete()
    guards.forget_deleted_words()
    with connection.cursor() as cursor:
        cursor.execute("SELECT block FROM records_words_data")
        assert not any(b"xylophone" in bytes(row[0]) for row in cursor.fetchall())
