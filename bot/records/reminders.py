"""Reminds of visits: once each, never in quiet hours, without a word of the treatment."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from bot.records.consent import wants_texts
from bot.records.models import Appointment, Reminder
from bot.records.visit_messages import (
    invitation_of,
    own_zone,
    queue_email,
    queue_sms,
    values_of,
    write_in_chat,
)
from bot.scheduling.quiet_hours import send_at
from bot.scheduling.texts import say
from bot.settings import Clinic

MISSED = "missed"


def queue_due(clinic: Clinic, now: datetime) -> int:
    """Queue the reminders that are due and return how many; a second call queues nothing again.

    Of several that became due while nothing ran, only the last is sent: nobody needs "in two days" twice.
    """
    hours = sorted(clinic.reminders.hours_before, reverse=True)
    if not hours:
        return 0
    visits = Appointment.objects.filter(
        state="booked", reminders=True, start__gt=now, start__lte=now + timedelta(hours=hours[0] + 24)
    ).select_related("conversation")
    done = {(pk, kind, start) for pk, kind, start in Reminder.objects.filter(appointment__in=visits)
            .values_list("appointment_id", "kind", "start")}
    return sum(_remind(clinic, visit, kind, now) for visit in visits
               if (kind := _due_kind(clinic, visit, hours, now, done)) is not None)


def queue_missed(clinic: Clinic, now: datetime) -> int:
    """Write to those whose visit was marked as missed, where the clinic turned that on; returns how many."""
    if not clinic.reminders.missed_visit:
        return 0
    visits = Appointment.objects.filter(state="booked", missed=True, reminders=True, end__lt=now,
                                        end__gt=now - timedelta(days=2)).exclude(reminder_rows__kind=MISSED)
    return sum(_remind(clinic, visit, MISSED, now) for visit in visits.select_related("conversation"))


def _due_kind(clinic: Clinic, visit: Appointment, hours: list[int], now: datetime,
              done: set[tuple[int, str, datetime]]) -> str | None:
    """Return the reminder to send now: the latest that is due, unless it was sent or is older than the booking."""
    zone = own_zone(visit) or clinic.zone
    due = None
    for before in hours:
        moment = send_at(visit.start, timedelta(hours=before), clinic.reminders.quiet_from,
                         clinic.reminders.quiet_until, zone)
        planned = visit.start - timedelta(hours=before)
        if moment <= now and planned > (visit.settled_at or visit.created_at):
            due = str(before)
    return due if due is not None and (visit.pk, due, visit.start) not in done else None


def _remind(clinic: Clinic, visit: Appointment, kind: str, now: datetime) -> bool:
    try:
        with transaction.atomic():
            Reminder.objects.create(appointment=visit, kind=kind, start=visit.start)
            _send(visit, kind, now)
    except IntegrityError:  # another worker was faster
        return False
    return True


def _send(visit: Appointment, kind: str, now: datetime) -> None:
    values, language = values_of(visit), visit.language
    what = "missed" if kind == MISSED else "reminder"
    key = f"reminder:{visit.pk}:{kind}:{visit.start:%Y%m%d%H%M}"
    until = visit.start if what == "reminder" else None
    same_phone = visit.conversation is not None and visit.conversation.phone == visit.contact
    if "@" in visit.contact:
        queue_email(
            visit.contact,
            say(f"{what}_email_subject", language, **values),
            say(f"{what}_email", language, **values),
            key,
            now,
            visit.conversation,
            "" if what == "missed" else invitation_of(visit, "PUBLISH"),
        )
    elif not same_phone and wants_texts(visit.contact):
        queue_sms(visit.contact, say(f"{what}_sms", language, **values), key, now, visit.conversation, until=until)
    if visit.conversation is not None:
        text = say(f"{what}_sms" if same_phone or what == "missed" else "reminder_chat", language, **values)
        write_in_chat(visit.conversation, text, key, now, until)
