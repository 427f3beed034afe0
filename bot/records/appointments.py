"""Appointments on record: holding a time, booking, moving and cancelling it.

What decides who gets a time is the database's constraint on `Claim`, not a look beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from bot.records.models import Appointment, Claim, Conversation, Offered
from bot.scheduling.slots import Slot
from bot.settings import Service

HOLD = timedelta(minutes=10)
CELL = 300  # seconds


class SlotTaken(Exception):
    """Somebody else has the time."""


def hold(conversation: Conversation, service: Service, slot: Slot) -> Appointment:
    """Keep a slot for someone who is deciding; raises `SlotTaken`. An earlier hold of theirs is let go."""
    now = timezone.now()
    with _or_taken():
        release(conversation)
        _release_expired(slot, now)
        held = Appointment.objects.create(
            conversation=conversation, service=service.id, room=slot.room, staff=slot.staff, start=slot.start,
            end=slot.end, state="held", held_until=now + HOLD)
        _claim(held, service)
    return held


def book(conversation: Conversation | None, service: Service, slot: Slot, first_name: str, contact: str,
         **details: Any) -> Appointment:
    """Book a slot, from its hold or anew; raises `SlotTaken`. `details` are more fields of the visit."""
    now = timezone.now()
    with _or_taken():
        held = conversation and Appointment.objects.select_for_update().filter(
            conversation=conversation, state="held", start=slot.start, held_until__gt=now).first()
        if held:
            visit = held
        else:
            if conversation:
                release(conversation)
            _release_expired(slot, now)
            visit = Appointment(conversation=conversation, service=service.id, room=slot.room, staff=slot.staff,
                                start=slot.start, end=slot.end)
        visit.state, visit.held_until, visit.settled_at = "booked", None, now
        visit.first_name, visit.contact = first_name, contact
        for name, value in details.items():
            setattr(visit, name, value)
        visit.save()
        if not held:
            _claim(visit, service)
        if conversation:
            Offered.objects.filter(conversation=conversation).delete()
    return visit


def move(visit: Appointment, service: Service, slot: Slot) -> None:
    """Give a booked visit another time, as the same visit; raises `SlotTaken`, and then it stays as it was."""
    before = (visit.start, visit.end, visit.room, visit.staff)
    try:
        with _or_taken():
            if visit.conversation:
                release(visit.conversation)
            _release_expired(slot, timezone.now())
            visit.claims.all().delete()
            visit.start, visit.end, visit.room, visit.staff = slot.start, slot.end, slot.room, slot.staff
            _claim(visit, service)
            visit.sequence += 1
            visit.confirmed_at, visit.settled_at = None, timezone.now()
            visit.save()
    except SlotTaken:
        visit.start, visit.end, visit.room, visit.staff = before
        raise


def cancel(visit: Appointment) -> bool:
    """Cancel a visit and free its time; returns False when it was not booked any more."""
    with transaction.atomic():
        changed = Appointment.objects.filter(pk=visit.pk).exclude(state="cancelled").update(
            state="cancelled", sequence=visit.sequence + 1)
        Claim.objects.filter(appointment=visit).delete()
    if changed:
        visit.state, visit.sequence = "cancelled", visit.sequence + 1
    return bool(changed)


def release(conversation: Conversation) -> None:
    """Let go of what a conversation holds."""
    Appointment.objects.filter(conversation=conversation, state="held").delete()


def release_expired(now: datetime) -> None:
    """Let go of every hold and offer that ran out."""
    Appointment.objects.filter(state="held", held_until__lt=now).delete()
    Offered.objects.filter(until__lt=now).delete()


def booked(conversation: Conversation) -> Appointment | None:
    """Return the patient's next booked visit."""
    return upcoming(conversation).first()


def upcoming(conversation: Conversation) -> QuerySet[Appointment]:
    """Return the booked visits to come, soonest first: this chat's, and on SMS those of the same phone."""
    mine = Q(conversation=conversation)
    if conversation.channel == "sms" and conversation.phone:
        mine |= Q(contact=conversation.phone)
    return Appointment.objects.filter(mine, state="booked", end__gt=timezone.now()).order_by("start")


@contextmanager
def _or_taken() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise SlotTaken from error


def _claim(visit: Appointment, service: Service) -> None:
    """Take the room and the person for the visit and the minutes after it; raises `IntegrityError`."""
    until = visit.end + timedelta(minutes=service.buffer_minutes)
    first, last = int(visit.start.timestamp()) // CELL, -(-int(until.timestamp()) // CELL)
    resources = [f"room:{visit.room}"] + ([f"staff:{visit.staff}"] if visit.staff else [])
    Claim.objects.bulk_create([Claim(appointment=visit, resource=resource[:60], cell=cell)
                               for resource in resources for cell in range(first, last)])


def _release_expired(slot: Slot, now: datetime) -> None:
    Appointment.objects.filter(state="held", held_until__lt=now, start__lt=slot.end + timedelta(hours=3),
                               end__gt=slot.start - timedelta(hours=3)).delete()
