"""Contact details are encrypted in the database and read as before."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from bot.records import fields, store
from bot.records.models import Appointment, Conversation, Outbox, PhoneConsent

PHONE = "+15550100134"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])).filter(lambda text: not text.startswith("e1:")))
def test_what_is_encrypted_comes_back(text: str) -> None:
    kept = fields.encrypt(text)
    assert fields.decrypt(kept) == text
    assert kept == fields.encrypt(text)  # so that a filter finds it
    assert len(text) < 4 or text not in (kept or "")


def test_another_key_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    kept = fields.encrypt(PHONE)
    monkeypatch.setattr(fields, "_cipher", lambda: AESSIV(b"k" * 64))
    with pytest.raises(fields.CannotDecrypt):
        fields.decrypt(kept)


def _raw(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM records_{table}')
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_no_contact_is_readable_in_the_database() -> None:
    conversation = store.conversation_of_phone(PHONE)
    now = timezone.now()
    Appointment.objects.create(conversation=conversation, service="c", room="1", start=now, end=now, state="booked",
                               first_name="Christine", contact="chris@example.org")
    Outbox.objects.create(kind="sms", to=PHONE, body="x", key="k")
    PhoneConsent.objects.create(phone=PHONE, consents=True, source="first_text", wording_version="1")
    for table, column in (("conversation", "phone"), ("appointment", "first_name"), ("appointment", "contact"),
                          ("outbox", "to"), ("phoneconsent", "phone")):
        assert _raw(table, column).startswith("e1:"), (table, column)
    assert store.conversation_of_phone(PHONE) == conversation
    assert PhoneConsent.objects.filter(phone=PHONE).exists()
    assert Outbox.objects.get().to == PHONE
    assert Appointment.objects.get().first_name == "Christine"


@pytest.mark.django_db
def test_rows_from_before_are_encrypted_by_the_migration() -> None:
    Conversation.objects.create(channel="sms", phone=PHONE)
    Conversation.objects.create(channel="web")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_conversation SET phone = %s WHERE phone IS NOT NULL", [PHONE])
    assert not Conversation.objects.filter(phone=PHONE).exists()
    import_module("bot.records.migrations.0702_encrypted_contacts").encrypt_what_is_there(apps, None)
    assert Conversation.objects.get(phone=PHONE).phone == PHONE
    assert Conversation.objects.filter(phone=None).count() == 1
