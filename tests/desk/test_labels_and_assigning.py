"""Labels, who is to see to an alert, its history, and replies to start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bot.desk import canned
from bot.desk.models import Label, Role
from bot.gsm7 import segments
from bot.records.models import Alert, AuditRow, Conversation, Outbox
from bot.settings import SettingsError
from tests.desk.conftest import actions

pytestmark = pytest.mark.django_db


def test_a_label_is_put_on_found_and_taken_off(enter: Callable[..., Client], crisis: Conversation) -> None:
    client, base = enter(), f"/desk/c/{crisis.case}"
    client.post(f"{base}/label/", {"name": "  Call   Back "})
    client.post(f"{base}/label/", {"name": "call back"})
    label = Label.objects.get()
    assert label.name == "call back"
    assert "call back" in client.get("/desk/").content.decode()
    assert "call back" in client.get(f"{base}/").content.decode()
    client.post(f"{base}/label/{label.pk}/remove/")
    assert not Label.objects.exists()
    assert [action for action in actions() if "label" in action] == ["label", "label", "unlabel"]


@pytest.mark.parametrize("name", ["", "555-010-0177", "jo@example.org"])
def test_a_label_says_nothing_personal(enter: Callable[..., Client], crisis: Conversation, name: str) -> None:
    enter().post(f"/desk/c/{crisis.case}/label/", {"name": name})
    assert not Label.objects.exists()


def test_an_alert_is_given_to_a_colleague_and_stays_red(enter: Callable[..., Client], person: Callable[..., Any],
                                                        crisis: Conversation) -> None:
    client, ben, alert = enter(), person("ben"), Alert.objects.get()
    client.post(f"/desk/alerts/{alert.pk}/assign/", {"to": str(ben.pk)})
    alert.refresh_from_db()
    assert alert.assigned_to == ben
    assert alert.acknowledged_at is None
    assert "→ ben" in client.get("/desk/").content.decode()
    page = client.get(f"/desk/c/{crisis.case}/").content.decode()
    assert "Given to Ben Example" in page
    assert AuditRow.objects.get(action="assign").detail == f"alert {alert.pk} to user {ben.pk}"
    client.post(f"/desk/alerts/{alert.pk}/assign/", {"to": ""})
    alert.refresh_from_db()
    assert alert.assigned_to is None


def test_who_only_reads_gets_no_alert(enter: Callable[..., Client], person: Callable[..., Any],
                                      crisis: Conversation) -> None:
    client, eva, alert = enter(), person("eva", Role.REVIEWER), Alert.objects.get()
    client.post(f"/desk/alerts/{alert.pk}/assign/", {"to": str(eva.pk)})
    alert.refresh_from_db()
    assert alert.assigned_to is None


def test_the_history_of_an_alert_is_shown(enter: Callable[..., Client], crisis: Conversation) -> None:
    client, alert = enter(), Alert.objects.get()
    Outbox.objects.create(kind="sms", to="+15550100199", body="Alert", key="a", alert=alert, state="failed")
    client.post(f"/desk/alerts/{alert.pk}/acknowledge/")
    client.post(f"/desk/alerts/{alert.pk}/outcome/", {"outcome": "left_message"})
    page = client.get(f"/desk/c/{crisis.case}/").content.decode()
    history = page.split('class="history"')[1].split("</ul>")[0]
    assert "could not be sent" in history
    assert "Ana Example: acknowledge" in history
    assert "outcome left message" in history


def test_replies_to_start_from_fit_into_two_texts(person: Callable[..., Any]) -> None:
    user = person("ana")
    for language in ("en", "es"):
        found = canned.replies_for(user, language)
        assert len(found) >= 5
        for reply in found:
            assert "{" not in reply.text
            assert segments(reply.text) <= (2 if language == "en" else 4), reply.text
    assert "Ana Example" in canned.replies_for(user, "en")[0].text


@pytest.mark.parametrize("rows", ["- title: {en: Hi}", "- {title: {en: Hi}, text: {en: 'Hello {nobody}'}}",
                                  "- {title: {es: Hola}, text: {en: Hi}}", "- Hi"])
def test_a_reply_that_cannot_be_used_is_named(tmp_path: Path, rows: str, monkeypatch: pytest.MonkeyPatch,
                                              person: Callable[..., Any]) -> None:
    path = tmp_path / "replies.yml"
    path.write_text(f"replies:\n  {rows}\n")
    with pytest.raises(SettingsError, match="reply 1"):
        canned.read_replies(path)
    monkeypatch.setattr(canned, "FILE", path)
    assert canned.replies_for(person("ana"), "en") == []
