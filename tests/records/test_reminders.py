"""Reminders: on time, once, in nobody's night, and without a word of the treatment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from bot.gsm7 import is_gsm7, segments
from bot.records import reminders, store, visit_steps
from bot.records.models import Appointment, Message, Outbox, PhoneConsent, Reminder
from bot.records.visit_messages import queue_sms
from bot.scheduling.slots import Slot
from bot.settings import Clinic, get_settings

pytestmark = pytest.mark.django_db
CLINIC = get_settings().clinic
Booker = Callable[..., Appointment]


@pytest.fixture
def booked() -> Booker:
    """Return a function that books a visit in twenty days at 11, long ago enough for every reminder."""

    def book(contact: str = "+15550100177", hour: int = 11, channel: str = "web", language: str = "en") -> Appointment:
        day = timezone.now().astimezone(CLINIC.zone).date() + timedelta(days=20)
        start = datetime.combine(day, time(hour), CLINIC.zone)
        chat = store.open_conversation(channel, contact if channel == "sms" else None)
        slot = Slot(start, start + timedelta(minutes=30), "Room 1")
        return visit_steps.book_visit(CLINIC, chat, CLINIC.services[0], slot, "Sam", contact, language)

    return book


def reminded() -> list[str]:
    return list(Reminder.objects.order_by("id").values_list("kind", flat=True))


def test_a_week_two_days_and_two_hours_before_each_once(booked: Booker) -> None:
    start = booked().start
    for before in (180, 169, 168, 167, 100, 48, 47, 20, 2, 1.5, 1.5):
        reminders.queue_due(CLINIC, start - timedelta(hours=before))
    assert reminded() == ["168", "48", "2"]
    assert Outbox.objects.filter(key__startswith="reminder:").count() == 3


def test_after_a_long_stop_only_the_last_one_is_sent(booked: Booker) -> None:
    start = booked().start
    reminders.queue_due(CLINIC, start - timedelta(hours=1))
    reminders.queue_due(CLINIC, start - timedelta(minutes=30))
    assert reminded() == ["2"]


def test_nothing_for_what_was_due_before_the_booking(booked: Booker) -> None:
    visit = booked()
    Appointment.objects.filter(pk=visit.pk).update(settled_at=visit.start - timedelta(hours=30))
    reminders.queue_due(CLINIC, visit.start - timedelta(hours=29))
    assert reminded() == []


def test_a_moved_visit_is_reminded_of_anew(booked: Booker) -> None:
    visit = booked()
    reminders.queue_due(CLINIC, visit.start - timedelta(hours=168))
    slot = Slot(visit.start + timedelta(days=1), visit.end + timedelta(days=1), "Room 1")
    visit_steps.move_visit(CLINIC, visit, slot)
    reminders.queue_due(CLINIC, visit.start - timedelta(hours=167))
    assert reminded() == ["168", "168"]


def test_cancelled_visits_and_those_without_consent_are_left_in_peace(booked: Booker) -> None:
    visit_steps.cancel_visit(CLINIC, booked(contact="a@x.example"))
    PhoneConsent.objects.create(phone="+15550100188", consents=False, source="stop_keyword", wording_version="1")
    refusing = booked(contact="+15550100188")
    reminders.queue_due(CLINIC, refusing.start - timedelta(hours=2))
    assert reminded() == [] and not Outbox.objects.filter(to="+15550100188").exists()


@pytest.mark.parametrize("contact, channel, language", [
    ("+15550100177", "web", "en"), ("+15550100177", "sms", "en"), ("sam@x.example", "web", "en"),
    ("+15550100177", "sms", "es"), ("sam@x.example", "web", "es")])
def test_what_is_sent_is_neutral_and_can_be_answered(booked: Booker, contact: str, channel: str, language: str) -> None:
    visit = booked(contact, channel=channel, language=language)
    Outbox.objects.all().delete()
    reminders.queue_due(CLINIC, visit.start - timedelta(hours=48))
    row = Outbox.objects.get()
    whole = (row.subject + row.body + row.attachment).lower()
    assert "ketamin" not in whole and "depress" not in whole and "treatment" not in whole
    assert "1" in row.body if row.kind == "sms" else "/v/" in row.body
    if row.kind == "sms":
        assert ("Reply 1 to confirm, 2 to change" in row.body) == (language == "en")
        assert Message.objects.filter(conversation=visit.conversation, kind="booking").exists()


def test_two_workers_send_no_reminder_twice(booked: Booker) -> None:
    visit = booked()
    moment = visit.start - timedelta(hours=2)
    Reminder.objects.create(appointment=visit, kind="2", start=visit.start)
    assert reminders.queue_due(CLINIC, moment) == 0


def test_a_missed_visit_is_followed_up_only_where_the_clinic_wants_it(booked: Booker) -> None:
    visit = booked()
    Appointment.objects.filter(pk=visit.pk).update(missed=True)
    after = visit.end + timedelta(hours=1)
    assert reminders.queue_missed(CLINIC, after) == 0
    wanting: Clinic = CLINIC.copy(update={"reminders": CLINIC.reminders.copy(update={"missed_visit": True})})
    assert reminders.queue_missed(wanting, after) == 1
    assert reminders.queue_missed(wanting, after) == 0


@pytest.mark.parametrize("channel", ["web", "sms"])
def test_a_reminder_by_text_is_one_that_the_clinic_starts(booked: Booker, channel: str) -> None:
    visit = booked(channel=channel, language="es")
    Outbox.objects.all().delete()
    reminders.queue_due(CLINIC, visit.start - timedelta(hours=48))
    row = Outbox.objects.get()
    assert row.clinic_started and is_gsm7(row.body) and segments(row.body) <= 2


@pytest.mark.parametrize("channel", ["web", "sms"])
def test_a_reminder_that_quiet_hours_would_hold_past_the_visit_is_not_sent(booked: Booker, channel: str) -> None:
    visit = booked(contact="+18085550142", channel=channel)  # in Honolulu it is five or six in the morning then
    Outbox.objects.all().delete()
    reminders.queue_due(CLINIC, visit.start - timedelta(hours=1))
    assert reminded() == ["2"] and not Outbox.objects.exists()


def test_a_confirmation_that_the_patient_asked_for_comes_at_any_hour(booked: Booker) -> None:
    booked()
    assert not Outbox.objects.get().clinic_started
    visit = booked(hour=13)
    Outbox.objects.all().delete()
    visit_steps.cancel_visit(CLINIC, visit)  # somebody at the desk did
    assert Outbox.objects.get().clinic_started


def test_a_name_of_the_treatment_that_came_in_is_left_out(booked: Booker) -> None:
    queue_sms("+15550100199", "Your Ketamine infusion visit is on Monday. Ketamina.", "k", timezone.now(), None)
    assert Outbox.objects.get().body == "Your infusion visit is on Monday. ."
