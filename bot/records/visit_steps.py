"""The steps of a visit's life, each in one transaction with the word of it that is sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bot.records import appointments, waitlist
from bot.records.alerts import raise_alert
from bot.records.calendar_health import is_down
from bot.records.consent import agreed_by_booking, wants_texts
from bot.records.models import Appointment, ContactRequest, Conversation, Outbox
from bot.records.visit_messages import tell
from bot.scheduling.slots import Slot
from bot.settings import Clinic, Service


def book_visit(clinic: Clinic, conversation: Conversation | None, service: Service, slot: Slot, first_name: str,
               contact: str, language: str = "en", by: object = None) -> Appointment:
    """Book a slot and send the confirmation; raises `SlotTaken`.

    While a calendar that matters cannot be read, the visit is marked as to be confirmed and staff are told.
    """
    doubtful = is_down(clinic, service)
    is_phone = "@" not in contact
    with transaction.atomic():
        visit = appointments.book(
            conversation, service, slot, first_name, contact, language=language,
            time_zone=conversation.time_zone if conversation else "", to_confirm=doubtful, booked_by=by,
            reminders=not is_phone or wants_texts(contact), calendar_due=_has_calendar(clinic, slot.staff))
        if is_phone:
            agreed_by_booking(contact)
        tell(visit, "confirm", chat=by is not None)
        if doubtful and conversation:
            ContactRequest.objects.create(conversation=conversation, first_name=first_name, contact=contact,
                                          reason="to_confirm")
            raise_alert(clinic, conversation, None, "P3", "visit_to_confirm")
    return visit


def move_visit(clinic: Clinic, visit: Appointment, slot: Slot, chat: bool = True) -> None:
    """Give a visit another time and send word; raises `SlotTaken`, and then it stays as it was."""
    service = clinic.service(visit.service)
    before = Slot(visit.start, visit.end, visit.room, visit.staff)
    with transaction.atomic():
        visit.calendar_due = _has_calendar(clinic, slot.staff) or _has_calendar(clinic, before.staff)
        appointments.move(visit, service, slot)
        tell(visit, "moved", chat=chat)
        waitlist.offer_freed(clinic, service, before.start, timezone.now())


def cancel_visit(clinic: Clinic, visit: Appointment, chat: bool = True) -> bool:
    """Cancel a visit, send word and offer its time to who waits; returns False when it was cancelled before."""
    with transaction.atomic():
        if not appointments.cancel(visit):
            return False
        if visit.calendar_href:
            Appointment.objects.filter(pk=visit.pk).update(calendar_due=True)
        tell(visit, "cancelled", chat=chat)
        waitlist.offer_freed(clinic, clinic.service(visit.service), visit.start, timezone.now())
    return True


def confirm_visit(visit: Appointment, now: datetime) -> None:
    """Note that the patient is coming."""
    Appointment.objects.filter(pk=visit.pk, confirmed_at=None).update(confirmed_at=now)


def change_contact(visit: Appointment, contact: str) -> None:
    """Reach the patient another way from now on, and send the confirmation there.

    What has not gone out yet to the old address goes nowhere: it may be a stranger's.
    """
    is_phone, waiting = "@" not in contact, Outbox.objects.filter(state="queued", key__startswith=f"visit:{visit.pk}:")
    with transaction.atomic():
        waiting.exclude(key__endswith=":chat").delete()
        visit.contact, visit.reminders = contact, not is_phone or wants_texts(contact)
        visit.sequence += 1  # the word of it is a new one
        visit.save(update_fields=["contact", "reminders", "sequence"])
        if is_phone:
            agreed_by_booking(contact)
        tell(visit, "confirm", chat=False)


def change_name(visit: Appointment, first_name: str) -> None:
    """Put a visit down under another name; a staff member's own calendar hears of it too."""
    visit.first_name = first_name
    visit.calendar_due = visit.calendar_due or bool(visit.calendar_href)
    visit.save(update_fields=["first_name", "calendar_due"])


def _has_calendar(clinic: Clinic, staff: str) -> bool:
    return any(member.id == staff and member.calendar for member in clinic.staff)
