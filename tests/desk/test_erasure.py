"""Legal hold, erasing a person everywhere, and the certificate."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from bot.desk.models import Certificate, Label, Note, Role
from bot.records import signs
from bot.records.erase import erase
from bot.records.models import (
    Alert,
    Appointment,
    AuditRow,
    ContactRequest,
    Conversation,
    Message,
    Outbox,
    PhoneConsent,
    Tap,
    Typing,
    WaitingPatient,
)
from bot.records.search import conversations_with
from tests.desk.conftest import actions

pytestmark = pytest.mark.django_db
PHONE = "+15550100777"


@pytest.fixture
def texted(db: None) -> Conversation:
    """Return an ordinary SMS conversation with everything that hangs on one."""
    conversation = Conversation.objects.create(channel="sms", phone=PHONE)
    Message.objects.create(conversation=conversation, sender="patient", text="is parking marmalade")
    Note.objects.create(conversation=conversation, text="marmalade man")
    Label.objects.create(conversation=conversation, name="press")
    Outbox.objects.create(kind="sms", to=PHONE, body="reply", key="1", conversation=conversation, state="sent")
    Outbox.objects.create(kind="sms", to=PHONE, body="reply", key="2", conversation=conversation)
    PhoneConsent.objects.create(phone=PHONE, consents=False, source="stop_keyword", wording_version="1")
    return conversation


def _erase(client: Client, conversation: Conversation, typed: str | None = None) -> str:
    return client.post(f"/desk/c/{conversation.case}/erase/", {"typed": typed or conversation.case},
                       follow=True).content.decode()


def test_erasing_a_person_leaves_no_word_and_gives_a_certificate(enter: Callable[..., Client],
                                                                 texted: Conversation) -> None:
    boss = enter("ana", Role.MANAGER)
    boss.post(f"/desk/c/{texted.case}/export/", {"format": "csv", "reason": "records"})
    page = _erase(boss, texted)
    assert "Certificate of erasure" in page
    assert "is this phone wants texts" not in page
    assert "Whether this phone wants texts" in page
    assert "must find and delete" in page  # the export of before
    for model in (Message, Note, Label, Outbox):
        assert not model.objects.exists(), model
    texted.refresh_from_db()
    assert texted.phone is None
    assert texted.erased_at is not None
    assert PhoneConsent.objects.filter(phone=PHONE, consents=False).exists()
    assert conversations_with("marmalade", 10) == []
    assert "erase" in actions()
    assert "marmalade" not in str(Certificate.objects.get().body)


def test_all_conversations_of_the_phone_go_and_those_with_danger_stay(enter: Callable[..., Client],
                                                                      texted: Conversation) -> None:
    grave = Conversation.objects.create(channel="sms", phone=PHONE, tier="crisis")
    Message.objects.create(conversation=grave, sender="patient", text="i want to die")
    page = _erase(enter("ana", Role.MANAGER), texted)
    assert "danger was read in it" in page
    assert [message.text for message in Message.objects.all()] == ["i want to die"]
    grave.refresh_from_db()
    assert (grave.phone, grave.erased_at is not None) == (PHONE, True)
    line = next(line for line in Certificate.objects.get().body["conversations"] if line["case"] == grave.case)
    assert line["kept"] == ["danger"]
    assert line["until"] > str(timezone.localdate())


def test_who_gave_the_same_contact_is_the_same_person(enter: Callable[..., Client], texted: Conversation) -> None:
    web = Conversation.objects.create(channel="web")
    Message.objects.create(conversation=web, sender="patient", text="i asked by web")
    ContactRequest.objects.create(conversation=web, first_name="Sam", contact=PHONE, reason="call_back")
    WaitingPatient.objects.create(conversation=web, service="consultation", first_name="Sam", contact=PHONE)
    Tap.objects.create(conversation=web, line="tel:988")
    signs.note_typing(web.pk, "patient", timezone.now())
    Appointment.objects.create(conversation=web, service="consultation", room="Room 1", start=timezone.now(),
                               end=timezone.now(), state="booked", first_name="Sam", contact=PHONE)
    other = Conversation.objects.create(channel="web")
    Message.objects.create(conversation=other, sender="patient", text="a stranger")
    page = _erase(enter("ana", Role.MANAGER), texted)
    assert "Booked and past visits" in page
    assert [message.text for message in Message.objects.all()] == ["a stranger"]
    for model in (ContactRequest, WaitingPatient, Tap, Typing):
        assert not model.objects.exists(), model
    assert Appointment.objects.get().first_name == "Sam"


def test_a_call_that_was_asked_for_is_made_before_it_is_forgotten(enter: Callable[..., Client], texted: Conversation) -> None:
    row = ContactRequest.objects.create(conversation=texted, first_name="Sam", contact=PHONE, reason="call_back")
    erase(texted)
    assert ContactRequest.objects.exists()
    enter().post(f"/desk/requests/{row.pk}/settle/", {"state": "done"})
    assert not ContactRequest.objects.exists()


def test_the_case_number_must_be_typed(enter: Callable[..., Client], texted: Conversation) -> None:
    assert "Nothing was erased" in _erase(enter("ana", Role.MANAGER), texted, "nonsense")
    assert Message.objects.exists()


def test_what_is_held_is_neither_erased_by_staff_nor_by_the_patient(enter: Callable[..., Client],
                                                                   texted: Conversation) -> None:
    boss = enter("ana", Role.MANAGER)
    boss.post(f"/desk/c/{texted.case}/hold/", {"words": "no"})
    texted.refresh_from_db()
    assert texted.held_at is None
    boss.post(f"/desk/c/{texted.case}/hold/", {"words": "letter of the court of May 3"})
    assert "Legal hold" in boss.get(f"/desk/c/{texted.case}/").content.decode()
    _erase(boss, texted)
    texted.refresh_from_db()
    assert erase(texted) is True
    assert Message.objects.filter(conversation=texted).exists()
    assert not any("court" in row.detail for row in AuditRow.objects.all())
    boss.post(f"/desk/c/{texted.case}/hold/", {"words": "the matter is closed"})
    texted.refresh_from_db()
    assert texted.held_at is None
    assert erase(texted) is False
    assert {"hold", "release"} <= set(actions())


def test_a_patient_who_erases_takes_the_notes_along(texted: Conversation) -> None:
    assert erase(texted) is False
    assert not Note.objects.exists()
    assert not Outbox.objects.filter(state="sent").exists()
    assert Outbox.objects.filter(state="queued").exists()  # a text on its way still arrives


def test_an_alert_keeps_a_conversation(texted: Conversation) -> None:
    Alert.objects.create(conversation=texted, priority="P3", reason="person_asked")
    assert erase(texted) is True
    assert Message.objects.exists()
