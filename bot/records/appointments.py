"""Appointments on record: what is taken, holding a time, booking it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from bot.records.models import Appointment, Conversation
from bot.scheduling.slots import Busy, Offer, Slot, free_slots
from bot.scheduling.wishes import Wish
from bot.settings import Clinic, Service

HOLD = timedelta(minutes=10)


class SlotTaken(Exception):
    """Somebody else has the time."""


def find_slots(clinic: Clinic, service: Service, wish: Wish, now: datetime, count: int = 3) -> list[Slot]:
    """Return the first free slots that suit, spread over days where there are enough."""
    offer = Offer(service.minutes, service.lead_hours, service.days_ahead, service.rooms)
    fitting = [slot for slot in free_slots(offer, clinic.spans, clinic.zone, busy(now), now)
               if wish.fits(slot.start, clinic.zone)]
    by_day: dict[object, Slot] = {}
    for slot in fitting:
        by_day.setdefault(slot.start.astimezone(clinic.zone).date(), slot)
    spread = list(by_day.values())
    rest = [slot for slot in fitting if slot not in spread]
    return sorted((spread + rest)[:count], key=lambda slot: slot.start)


def busy(now: datetime) -> list[Busy]:
    """Return what is booked or still held from now on."""
    rows = (Appointment.objects.filter(end__gt=now)
            .filter(Q(state="booked") | Q(state="held", held_until__gt=now)))
    return [Busy(row.start.astimezone(UTC), row.end.astimezone(UTC), row.room) for row in rows]


def hold(conversation: Conversation, service: Service, slot: Slot) -> Appointment:
    """Keep a slot for someone who is deciding; raises `SlotTaken`. An earlier hold of theirs is let go."""
    now = timezone.now()
    try:
        with transaction.atomic():
            Appointment.objects.filter(state="held").filter(
                Q(conversation=conversation) | Q(held_until__lt=now)).update(state="cancelled")
            return Appointment.objects.create(
                conversation=conversation, service=service.id, room=slot.room, start=slot.start, end=slot.end,
                state="held", held_until=now + HOLD)
    except IntegrityError as error:
        raise SlotTaken from error


def book(conversation: Conversation, service: Service, slot: Slot, first_name: str, contact: str) -> Appointment:
    """Book a slot, from its hold or anew; raises `SlotTaken`.

    What decides is the database's constraint, not a look beforehand.
    """
    held = Appointment.objects.filter(conversation=conversation, state="held", start=slot.start).first()
    appointment = held or hold(conversation, service, slot)
    appointment.state, appointment.held_until = "booked", None
    appointment.first_name, appointment.contact = first_name, contact
    appointment.save(update_fields=["state", "held_until", "first_name", "contact"])
    return appointment


def booked(conversation: Conversation) -> Appointment | None:
    """Return the conversation's next booked visit."""
    return (conversation.appointments.filter(state="booked", end__gt=timezone.now()).order_by("start").first())


def cancel(appointment: Appointment) -> None:
    """Cancel a visit; its time is free again."""
    appointment.state = "cancelled"
    appointment.save(update_fields=["state"])
