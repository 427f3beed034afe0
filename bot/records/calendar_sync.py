"""Keeps the staff's own calendars and ours of one mind.

Read often, so that offering a time needs no network; written when a visit was booked, moved or
cancelled. What somebody changes in their calendar comes back: a visit moved there is moved here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from bot.records import appointments
from bot.records.alerts import raise_alert
from bot.records.appointments import SlotTaken
from bot.records.models import Appointment, CalendarState, ContactRequest, ExternalBusy
from bot.records.visit_messages import queue_email, tell, values_of
from bot.records.visit_steps import cancel_visit
from bot.scheduling.caldav import CalDav
from bot.scheduling.calendars import CalendarDown, ChangedMeanwhile, Found, Kept, StaffCalendar
from bot.scheduling.fhir import Fhir
from bot.scheduling.invitation import Visit
from bot.scheduling.slots import Slot
from bot.scheduling.texts import say
from bot.settings import Clinic, StaffMember

log = logging.getLogger("bot.calendars")
READ_EVERY = timedelta(seconds=60)
TELL_EVERY = timedelta(hours=4)
Opener = Callable[[Clinic, StaffMember], StaffCalendar]


def open_calendar(clinic: Clinic, member: StaffMember) -> StaffCalendar:
    """Return a staff member's calendar, with its secret from the environment."""
    settings = member.calendar
    if settings is None:
        raise CalendarDown(f"{member.id} has no calendar")
    secret = os.environ.get(settings.secret, "") if settings.secret else ""
    if settings.kind == "caldav":
        return CalDav(settings.url, settings.user, secret, clinic.zone)
    return Fhir(settings.url, secret, settings.schedule)


def sync_due(clinic: Clinic, now: datetime, opener: Opener = open_calendar) -> None:
    """Sync each calendar that was not read lately, or that has yet to hear of a visit."""
    for member in clinic.staff:
        if member.calendar is None:
            continue
        state, _new = CalendarState.objects.get_or_create(staff=member.id)
        waits = Appointment.objects.filter(calendar_due=True, staff=member.id).exists()
        if not waits and state.read_at and now - state.read_at < READ_EVERY:
            continue
        if state.down_since and state.read_at and now - state.read_at < READ_EVERY:
            continue
        sync(clinic, member, opener(clinic, member), now)


def sync(clinic: Clinic, member: StaffMember, calendar: StaffCalendar, now: datetime) -> bool:
    """Write what is due and read what is there; returns whether the calendar could be reached."""
    last = now + timedelta(days=max(service.days_ahead for service in clinic.services) + 1)
    ours = {f"{visit.uid}@visits": visit for visit in Appointment.objects.select_related("conversation").filter(
        staff=member.id, end__gt=now, start__lt=last, state="booked")}
    try:
        reading = calendar.read(now, last, frozenset(ours))
        _take_over(clinic, ours, reading.visits)
        _write_due(clinic, member, calendar)
    except CalendarDown as error:
        _note_down(clinic, member, now, str(error))
        return False
    with transaction.atomic():
        ExternalBusy.objects.filter(staff=member.id).delete()
        ExternalBusy.objects.bulk_create(
            [
                ExternalBusy(staff=member.id, start=span.start, end=span.end)
                for span in reading.busy
                if span.end > span.start
            ]
        )
        CalendarState.objects.filter(staff=member.id).update(read_at=now, down_since=None, told_at=None)
    return True


def _take_over(clinic: Clinic, ours: dict[str, Appointment], found: Sequence[Found]) -> None:
    """Do here what was done in the calendar: a visit moved, cancelled or deleted there."""
    seen: dict[str, Found] = {item.uid: item for item in found}
    for uid, visit in ours.items():
        item = seen.get(uid)
        if visit.calendar_due or not visit.calendar_href:
            continue  # ours is newer, or it was never there
        if item is None or item.cancelled:
            cancel_visit(clinic, visit)
            Appointment.objects.filter(pk=visit.pk).update(calendar_due=False)
        elif (item.start, item.end) != (visit.start, visit.end):
            _move_here(clinic, visit, item)
        elif item.kept.etag != visit.calendar_etag:
            Appointment.objects.filter(pk=visit.pk).update(calendar_etag=item.kept.etag, calendar_href=item.kept.href)


def _move_here(clinic: Clinic, visit: Appointment, item: Found) -> None:
    service = clinic.service(visit.service)
    try:
        with transaction.atomic():
            appointments.move(visit, service, Slot(item.start, item.end, visit.room, visit.staff))
            Appointment.objects.filter(pk=visit.pk).update(calendar_etag=item.kept.etag, calendar_href=item.kept.href)
            tell(visit, "moved")
    except SlotTaken:  # the room is taken then: a person has to decide
        _ask_staff(clinic, visit, "calendar_conflict")


def _write_due(clinic: Clinic, member: StaffMember, calendar: StaffCalendar) -> None:
    for visit in Appointment.objects.select_related("conversation").filter(calendar_due=True, staff=member.id):
        kept = Kept(visit.calendar_href, visit.calendar_etag) if visit.calendar_href else None
        try:
            if visit.state == "cancelled":
                if kept:
                    calendar.remove(kept)
                Appointment.objects.filter(pk=visit.pk).update(calendar_due=False, calendar_href="", calendar_etag="")
                continue
            written = calendar.write(staff_entry(clinic, visit), kept)
        except ChangedMeanwhile:  # the next reading brings what was changed there
            Appointment.objects.filter(pk=visit.pk).update(calendar_due=False)
            _ask_staff(clinic, visit, "calendar_conflict")
            continue
        Appointment.objects.filter(pk=visit.pk).update(
            calendar_due=False, calendar_href=written.href, calendar_etag=written.etag)


def staff_entry(clinic: Clinic, visit: Appointment) -> Visit:
    """Return what the staff's calendar is told of a visit: a first name and a case, nothing of the reason."""
    case = visit.conversation.case if visit.conversation else ""
    return Visit(uid=f"{visit.uid}@visits", sequence=visit.sequence, start=visit.start, end=visit.end,
                 title=f"{clinic.service(visit.service).name}: {visit.first_name}".strip(": "), description=case,
                 location=visit.room, cancelled=visit.state == "cancelled")


def _note_down(clinic: Clinic, member: StaffMember, now: datetime, reason: str) -> None:
    """Mark the calendar as down, and tell staff now and then until it is back."""
    log.error("The calendar of %s cannot be read: %s", member.id, reason)
    state = CalendarState.objects.get(staff=member.id)
    state.read_at, state.down_since = now, state.down_since or now
    if state.told_at is None or now - state.told_at > TELL_EVERY:
        state.told_at = now
        _tell_clinic(clinic, member, now)
    state.save()


def _tell_clinic(clinic: Clinic, member: StaffMember, now: datetime) -> None:
    line = say("calendar_down", name=member.name)
    for address in clinic.alerts.emails:
        queue_email(address, line, line, f"calendar:{member.id}:{now:%Y%m%d%H}:{address}", now, None)


def _ask_staff(clinic: Clinic, visit: Appointment, reason: str) -> None:
    if visit.conversation is None:
        return
    values = values_of(visit)
    ContactRequest.objects.get_or_create(conversation=visit.conversation, reason=reason, state="open", defaults={
        "first_name": values["name"], "contact": visit.contact})
    raise_alert(clinic, visit.conversation, None, "P3", reason)


def state_of(clinic: Clinic) -> dict[str, str]:
    """Return each staff calendar's state: "ready", "down" or "not read yet"."""
    rows = {row.staff: row for row in CalendarState.objects.all()}
    return {member.id: ("not read yet" if (row := rows.get(member.id)) is None or row.read_at is None
                        else "down" if row.down_since else "ready") for member in clinic.staff if member.calendar}

