"""The conversation page: transcript, reasons, masking, notes, live part."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bot.desk import pdf
from bot.desk.models import Note
from bot.records.models import Appointment, AuditRow, Conversation, Message, PhoneConsent, Verdict
from tests.desk.conftest import actions

pytestmark = pytest.mark.django_db
LIVE = {"X-Desk-Live": "1"}


def _page(client: Client, conversation: Conversation) -> str:
    return client.get(f"/desk/c/{conversation.case}/").content.decode()


def test_the_transcript_shows_text_reasons_and_buttons(enter: Callable[..., Client],
                                                       crisis: Conversation) -> None:
    Message.objects.create(conversation=crisis, sender="patient", text="Talk to a person",
                           extra={"choice": "Talk to a person"})
    html = _page(enter(), crisis)
    assert '<mark title="suicide.active.end_it">want to end it all</mark>' in html
    assert "Call 988" in html
    assert "✓ Talk to a person" in html


def test_text_is_never_code(enter: Callable[..., Client], calm: Conversation) -> None:
    html = _page(enter(), calm)
    assert "session &lt;b&gt;?" in html
    assert "<b>?" not in html


def test_a_view_is_on_record_and_holds_no_words(enter: Callable[..., Client], crisis: Conversation) -> None:
    client = enter()
    _page(client, crisis)
    client.get(f"/desk/c/{crisis.case.lower()}/")
    rows = list(AuditRow.objects.filter(action="view"))
    assert [(row.case, row.actor.username, row.address) for row in rows if row.actor] == [
        (crisis.case, "ana", "203.0.113.9")] * 2
    assert client.get("/desk/c/NOSUCH/").status_code == 404


def test_details_are_masked_until_a_reason_is_given(enter: Callable[..., Client],
                                                    crisis: Conversation) -> None:
    Appointment.objects.create(
        conversation=crisis, service="consultation", room="1", start=timezone.now(), end=timezone.now(),
        state="booked", first_name="Christine", contact="chris@example.org")
    client = enter()
    masked = _page(client, crisis)
    assert "+1 555 ••• ••34" in masked
    for secret in ("+15550100134", "0100134", "555-010-0177", "Christine", "chris@"):
        assert secret not in masked, secret
    assert "555-010-9999" in masked  # the clinic's own number is nobody's detail
    client.post(f"/desk/c/{crisis.case}/reveal/", {"reason": ""})
    assert "555-010-0177" not in _page(client, crisis)
    client.post(f"/desk/c/{crisis.case}/reveal/", {"reason": "call_back"})
    shown = _page(client, crisis)
    for secret in ("+15550100134", "555-010-0177", "Christine", "chris@example.org"):
        assert secret in shown
    assert AuditRow.objects.get(action="reveal").detail == "call_back"
    client.post(f"/desk/c/{crisis.case}/hide/")
    assert "555-010-0177" not in _page(client, crisis)


def test_revealing_one_case_reveals_no_other_and_ends_by_itself(
        enter: Callable[..., Client], crisis: Conversation) -> None:
    other = Conversation.objects.create(channel="sms", phone="+15550100555")
    client = enter()
    client.post(f"/desk/c/{crisis.case}/reveal/", {"reason": "call_back"})
    assert "+15550100555" not in _page(client, other)
    session = client.session
    session["revealed"] = {crisis.case: timezone.now().timestamp() - 1}
    session.save()
    assert "+15550100134" not in _page(client, crisis)


def test_another_reason_wants_words_and_keeps_them_in_a_note(enter: Callable[..., Client],
                                                             crisis: Conversation) -> None:
    client = enter()
    client.post(f"/desk/c/{crisis.case}/reveal/", {"reason": "other"})
    assert "reveal" not in actions()
    client.post(f"/desk/c/{crisis.case}/reveal/", {"reason": "other", "words": "mother called the desk"})
    assert Note.objects.get().text == "mother called the desk"
    assert AuditRow.objects.get(action="reveal").detail == "other"


def test_live_brings_new_messages_once_and_panels_that_changed(enter: Callable[..., Client],
                                                               crisis: Conversation) -> None:
    client, address = enter(), f"/desk/c/{crisis.case}/live/"
    last = crisis.messages.order_by("-id")[0].pk
    first = client.post(address, {"after": last}, headers=LIVE).content.decode()
    assert 'id="lines"' not in first
    marks = dict(re.findall(r'name="(state|alerts|typing)" value="(\w{16})"', first))
    assert set(marks) == {"state", "alerts", "typing"}
    same = client.post(address, {"after": last, **marks}, headers=LIVE)
    assert (same.status_code, same.content) == (204, b"")
    new = Message.objects.create(conversation=crisis, sender="patient", text="are you there")
    Conversation.objects.update(waiting=True)
    then = client.post(address, {"after": last, **marks}, headers=LIVE).content.decode()
    assert "are you there" in then
    assert f'name="after" value="{new.pk}"' in then
    assert 'id="panel-state"' in then and 'id="panel-alerts"' not in then
    assert AuditRow.objects.filter(action="view", detail="live, 1 new").count() == 1


def test_a_message_that_came_late_with_a_lower_number_is_not_missed(enter: Callable[..., Client],
                                                                   crisis: Conversation) -> None:
    client, address = enter(), f"/desk/c/{crisis.case}/live/"
    page = _page(client, crisis)
    marks = dict(re.findall(r'name="(after|count)" value="(\d+)"', page))
    assert "HX-Refresh" not in client.post(address, marks, headers=LIVE)
    first = crisis.messages.order_by("id")[0]
    Message.objects.create(pk=first.pk - 1, conversation=crisis, sender="patient", text="late")
    assert client.post(address, marks, headers=LIVE)["HX-Refresh"] == "true"


def test_notes_are_for_staff_and_their_words_stay_out_of_the_audit(enter: Callable[..., Client],
                                                                   crisis: Conversation) -> None:
    client = enter()
    client.post(f"/desk/c/{crisis.case}/note/", {"text": "spoke with her sister"})
    assert "spoke with her sister" in _page(client, crisis)
    assert not any("sister" in row.detail for row in AuditRow.objects.all())


def test_earlier_cases_of_the_phone_and_an_opt_out_are_shown(enter: Callable[..., Client],
                                                             crisis: Conversation) -> None:
    earlier = Conversation.objects.create(channel="sms", phone=crisis.phone)
    PhoneConsent.objects.create(phone=crisis.phone or "", consents=False, source="stop_keyword",
                                wording_version="1")
    html = _page(enter(), crisis)
    assert f"/desk/c/{earlier.case}/" in html
    assert "opted out of texts" in html


def test_an_export_needs_a_reason_is_masked_and_on_record(enter: Callable[..., Client],
                                                          crisis: Conversation) -> None:
    Message.objects.create(conversation=crisis, sender="patient", text="=1+1")
    client, address = enter(), f"/desk/c/{crisis.case}/export/"
    assert client.post(address, {"format": "csv"}).status_code == 302
    answer = client.post(address, {"format": "csv", "reason": "records"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["from"] for row in rows] == ["patient", "bot", "patient"]
    assert "0177" not in rows[0]["text"]
    assert rows[0]["tier"] == "crisis"
    assert rows[2]["text"] == "'=1+1"
    client.post(f"/desk/c/{crisis.case}/reveal/", {"reason": "records"})
    whole = client.post(address, {"format": "json", "reason": "records"}).json()
    assert whole["phone"] == "+15550100134"
    assert "555-010-0177" in whole["messages"][0]["text"]
    details = list(AuditRow.objects.filter(action="export").values_list("detail", flat=True))
    assert details == ["csv masked records", "json with details records"]


def test_a_broken_reason_does_not_break_the_page(enter: Callable[..., Client], calm: Conversation) -> None:
    said = calm.messages.get()
    Verdict.objects.create(message=said, tier="info", category="none", subject="self", language="en", ms=1,
                           reasons=[{"by": "lexicon"}, {"span": [5]}, {"span": ["a", "b"]}, {"span": [9, 2]},
                                    {"span": [-3, 99999], "by": "classifier"}])
    assert "how long is a session" in _page(enter(), calm)


def test_a_long_conversation_shows_its_end(enter: Callable[..., Client], calm: Conversation) -> None:
    start = timezone.now() - timedelta(hours=1)
    Message.objects.bulk_create([Message(conversation=calm, sender="bot", kind="answer", text=f"line {n};",
                                         at=start) for n in range(510)])
    html = _page(enter(), calm)
    assert "line 509;" in html
    assert "line 5;" not in html
    address = html.split('href="?before=')[1].split('"')[0]
    older = enter("ben").get(f"/desk/c/{calm.case}/?before={address}").content.decode()
    assert "line 305;" in older
    assert "line 509;" not in older
    assert "Newest messages" in older


def test_a_pdf_holds_every_message_masked(enter: Callable[..., Client], crisis: Conversation,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    real = pdf._write
    monkeypatch.setattr(pdf, "_write", lambda page, text, *rest: (written.append(text), real(page, text, *rest)))
    Message.objects.create(conversation=crisis, sender="patient", text="ñ 日本 😀 " + "x" * 3000 + "\n\n")
    client, address = enter(), f"/desk/c/{crisis.case}/export/"
    answer = client.post(address, {"format": "pdf", "reason": "records"})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    text = "\n".join(written)
    assert "want to end it all" in text
    assert "crisis suicide" in text
    assert "0177" not in text
    assert "+1 555 ••• ••34" in text
    written.clear()
    client.post(f"/desk/c/{crisis.case}/reveal/", {"reason": "records"})
    client.post(address, {"format": "pdf", "reason": "records"})
    assert "555-010-0177" in "\n".join(written)
