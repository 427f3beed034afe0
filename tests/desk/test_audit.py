"""The audit page, and that its rows only ever grow."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from bot.desk.models import Role
from bot.records.models import AuditRow, Conversation

pytestmark = pytest.mark.django_db


def _rows(html: str) -> int:
    return html.split("<tbody>")[1].count("<tr>")


def test_the_audit_is_searched_by_case_person_action_and_day(enter: Callable[..., Client],
                                                             crisis: Conversation) -> None:
    boss = enter("ana", Role.MANAGER)
    enter("ben").get(f"/desk/c/{crisis.case}/")
    for query, expected in (({"case": crisis.case.lower()}, 2), ({"who": "ben"}, 2), ({"action": "view"}, 1),
                            ({"day": "2001-01-01"}, 1), ({"who": "203.0.113.9", "action": "view"}, 1)):
        html = boss.get("/desk/audit/", query).content.decode()
        # "Nothing found." is a row too; asking for a case is itself on record with that case.
        assert _rows(html) == expected, query
    assert "Nothing found." in boss.get("/desk/audit/", {"day": "2001-01-01"}).content.decode()
    assert boss.get("/desk/audit/", {"day": "2001-99-99", "page": "x"}).status_code == 200


def test_looking_at_the_audit_is_on_record(enter: Callable[..., Client]) -> None:
    enter("ana", Role.MANAGER).get("/desk/audit/")
    assert AuditRow.objects.filter(action="view_audit").count() == 1


def test_rows_cannot_be_changed_or_deleted(enter: Callable[..., Client]) -> None:
    enter()
    row = AuditRow.objects.get()
    row.action = "nothing"
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(TypeError):
        row.delete()
    with pytest.raises(TypeError):
        AuditRow.objects.update(action="nothing")
    with pytest.raises(TypeError):
        AuditRow.objects.all().delete()
    assert AuditRow.objects.get().action == "sign_in"


def test_the_desk_offers_no_way_to_change_a_row(enter: Callable[..., Client]) -> None:
    assert enter("ana", Role.ADMINISTRATOR).post("/desk/audit/").status_code == 405


def test_the_audit_leaves_as_a_file_and_that_is_on_record(enter: Callable[..., Client], crisis: Conversation) -> None:
    enter("ben").get(f"/desk/c/{crisis.case}/")
    boss = enter("ana", Role.MANAGER)
    answer = boss.get("/desk/audit/file/", {"case": crisis.case})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["who"], row["what"], row["case"]) for row in rows] == [("ben", "view", crisis.case)]
    assert AuditRow.objects.get(action="export_audit").case == crisis.case
