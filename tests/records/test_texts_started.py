"""Texts that the clinic or its staff start: at the right hour, to those who want them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from bot.channels import staff
from bot.records import opt_outs, store, texts
from bot.records.models import Conversation, Message, Outbox
from bot.records.outbox import Sender
from bot.records.quiet import allowed_from, zones_of
from bot.settings import Settings
from bot.standin.network import Network
from tests.records.sending import CLINIC, PHONE, on_phone, reply

pytestmark = pytest.mark.django_db(transaction=True)


class TestWhatTheClinicStarts:
    def test_it_waits_for_the_morning_where_the_phone_is(
            self, carrier: tuple[Network, Settings], monkeypatch: pytest.MonkeyPatch) -> None:
        honolulu, night = "+18085550142", datetime(2036, 11, 24, 14, 0, tzinfo=UTC)  # 9 am in New York, 4 am there
        monkeypatch.setattr(timezone, "now", lambda: night)
        texts.queue_clinic_text(PHONE, "See you tomorrow at 9:00.", "one")
        texts.queue_clinic_text(honolulu, "See you tomorrow at 9:00.", "two")
        Sender(carrier[1]).send_due()
        assert on_phone(carrier[0]) and not on_phone(carrier[0], honolulu)
        row = Outbox.objects.get(key="two")
        assert row.not_before == datetime(2036, 11, 24, 19, 0, tzinfo=UTC) and row.attempts == 0
        monkeypatch.setattr(timezone, "now", lambda: row.not_before)
        Sender(carrier[1]).send_due()
        assert on_phone(carrier[0], honolulu)

    def test_a_reply_never_waits(self, carrier: tuple[Network, Settings], chat: Conversation,
                                 monkeypatch: pytest.MonkeyPatch) -> None:
        texts.send_now([reply(chat).message])
        monkeypatch.setattr(timezone, "now", lambda: datetime(2030, 1, 1, 8, 0, tzinfo=UTC))  # 3 am in New York
        Sender(carrier[1]).send_due()
        assert on_phone(carrier[0]) == ["An answer."]

    def test_the_treatment_is_not_named(self, carrier: tuple[Network, Settings]) -> None:
        for text in ("Your ketamine visit is tomorrow.", "Su cita de ketamina", "Spravato at 9"):
            with pytest.raises(texts.NamesTreatment):
                texts.queue_clinic_text(PHONE, text, "k")
        Outbox.objects.create(kind="sms", to=PHONE, body="Ketamine tomorrow", key="past the gate")
        Sender(carrier[1]).send_due()
        assert not on_phone(carrier[0]) and "must not name" in Outbox.objects.get().error
        assert not texts.names_treatment(CLINIC.neutral_name)

    def test_who_opted_out_gets_none(self, carrier: tuple[Network, Settings]) -> None:
        assert texts.queue_clinic_text(PHONE, "See you tomorrow.", "before")
        opt_outs.record_consent(PHONE, False, "stop_keyword", "x")
        assert not texts.queue_clinic_text(PHONE, "See you tomorrow.", "after")
        Outbox.objects.update(clinic_started=False)
        Sender(carrier[1]).send_due()
        assert not on_phone(carrier[0]) and "opted out" in Outbox.objects.get().error


class TestStaff:
    @pytest.fixture
    def nurse(self) -> object:
        from django.contrib.auth.models import User

        return User.objects.create_user("nurse", first_name="Sam", last_name="Reed")

    def say(self, chat: Conversation, nurse: object, text: str = "Can I call you?") -> Outbox:
        staff.take_over(chat, nurse)
        staff.send_staff_reply(chat, nurse, text)
        return Outbox.objects.latest("id")

    def test_an_answer_goes_out_at_any_hour(self, chat: Conversation, nurse: object) -> None:
        Message.objects.create(conversation=chat, sender="patient", text="?", dedup="1")
        assert not self.say(chat, nurse).clinic_started

    def test_long_after_the_patients_last_word_it_is_no_answer(self, chat: Conversation, nurse: object) -> None:
        Message.objects.create(conversation=chat, sender="patient", text="?", dedup="1",
                               at=timezone.now() - timedelta(hours=25))
        assert self.say(chat, nurse).clinic_started

    def test_after_an_opt_out_only_an_answer_goes_out(
            self, carrier: tuple[Network, Settings], chat: Conversation, nurse: object) -> None:
        Message.objects.create(conversation=chat, sender="patient", text="stop texting me", dedup="1",
                               at=timezone.now() - timedelta(seconds=5))
        opt_outs.record_consent(PHONE, False, "free_words", "x")
        row = self.say(chat, nurse)
        Sender(carrier[1]).send_due()
        row.refresh_from_db()
        assert row.state == "failed" and "opted out" in row.error and "Can I call you?" not in on_phone(carrier[0])
        Message.objects.create(conversation=chat, sender="patient", text="wait, one question", dedup="2")
        staff.send_staff_reply(chat, nurse, "Of course.")
        Sender(carrier[1]).send_due()
        assert on_phone(carrier[0])[-1] == "Of course."

    def test_a_long_one_comes_in_parts_and_in_plain_signs(self, chat: Conversation, nurse: object) -> None:
        row = self.say(chat, nurse, "We’re open – call us. " * 40)
        assert row.body.endswith("Reply MORE for the rest.") and "We're open - call us." in row.body


def test_a_number_in_the_settings_may_be_written_as_people_do(carrier: tuple[Network, Settings]) -> None:
    Outbox.objects.create(kind="sms", to="(212) 555-0142", body="Alert P1", key="a")
    Outbox.objects.create(kind="sms", to="+1 212 555 0142", body="Alert P1", key="b")
    Sender(carrier[1]).send_due()
    assert on_phone(carrier[0]) == ["Alert P1"] * 2


@pytest.mark.parametrize("phone, zones", [
    ("+12125550142", ["America/New_York"]), ("+18085550142", ["Pacific/Honolulu"]), ("+14155550142", ["America/Los_Angeles"]),
    ("+16025550142", ["America/Phoenix"]), ("+18005550142", [CLINIC.time_zone]), ("+442079460142", ["Europe/London"]),
    ("+81312345678", [CLINIC.time_zone]), ("+19075550142", ["America/Adak", "America/Anchorage"])])
def test_where_a_phone_is_at_home(phone: str, zones: list[str]) -> None:
    assert [str(zone) for zone in zones_of(phone, CLINIC)] == zones


@pytest.mark.parametrize("hour, minute, waits_until", [
    (19, 59, None), (20, 0, (24, 9)), (23, 30, (24, 9)), (3, 0, (23, 9)), (8, 59, (23, 9)), (9, 0, None)])
def test_quiet_hours_in_new_york(hour: int, minute: int, waits_until: tuple[int, int] | None) -> None:
    zone = zones_of(PHONE, CLINIC)[0]
    now = datetime(2026, 11, 23, hour, minute, tzinfo=zone)
    expected = now if waits_until is None else datetime(2026, 11, waits_until[0], waits_until[1], tzinfo=zone)
    assert allowed_from(PHONE, CLINIC, now) == expected


def test_the_rest_is_offered_in_the_patients_language() -> None:
    chat = store.open_conversation("sms", phone=PHONE, language="es")
    first = texts.parts(Message(conversation=chat, text="Una frase que no acaba nunca y sigue. " * 20))[0]
    assert first.endswith("Responde MAS para el resto.")
