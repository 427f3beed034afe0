"""What is kept of visits: appointments, what they occupy, reminders, people who wait. Times are in UTC."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from bot.records.fields import EncryptedField


def new_uid() -> str:
    """Return a fresh, lasting name for a visit in other people's calendars."""
    return str(uuid.uuid4())


class Appointment(models.Model):
    """A time that is held or booked. What it occupies are its `Claim`s, and the database keeps those apart."""

    class State(models.TextChoices):
        HELD = "held"
        BOOKED = "booked"
        CANCELLED = "cancelled"

    conversation = models.ForeignKey("records.Conversation", null=True, blank=True, on_delete=models.SET_NULL,
                                     related_name="appointments")
    service = models.CharField(max_length=40)
    room = models.CharField(max_length=40)
    staff = models.CharField(max_length=40, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    held_until = models.DateTimeField(null=True, blank=True)
    first_name = EncryptedField(blank=True)
    contact = EncryptedField(blank=True)
    language = models.CharField(max_length=5, default="en")
    time_zone = models.CharField(max_length=40, blank=True, help_text="The patient's own, where it differs.")
    # What other calendars know the visit by, and how often it changed since (iCalendar's SEQUENCE).
    uid = models.CharField(max_length=40, unique=True, default=new_uid)
    sequence = models.PositiveIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="When the patient confirmed a reminder.")
    to_confirm = models.BooleanField(default=False, help_text="A calendar was down when this was booked.")
    reminders = models.BooleanField(default=False, help_text="The patient agreed to be reminded.")
    missed = models.BooleanField(default=False)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL,
                                  help_text="The staff member, when it was booked at the desk.")
    # Where the staff member's own calendar keeps it, and in which state we last saw it there.
    calendar_href = models.CharField(max_length=300, blank=True)
    calendar_etag = models.CharField(max_length=120, blank=True)
    calendar_due = models.BooleanField(default=False, help_text="The staff member's calendar has yet to hear of it.")
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it was booked, or moved last.")

    class Meta:
        indexes = [models.Index(fields=["start"]), models.Index(fields=["state", "end"], name="visit_state_end"),
                   models.Index(fields=["calendar_due"], name="visit_calendar_due",
                                condition=models.Q(calendar_due=True))]


class Claim(models.Model):
    """Five minutes of a room or a person. Two visits cannot have the same: the database says no, whoever asks.

    Unlike a check for the same start this holds for visits of different lengths, on SQLite too.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="claims")
    resource = models.CharField(max_length=60, help_text="room:… or staff:…")
    cell = models.BigIntegerField(help_text="The number of the five minutes since 1970.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource", "cell"], name="one_visit_a_resource_and_time")]


class Offered(models.Model):
    """A time that was shown to someone who is deciding; others are shown different ones while there are any."""

    conversation = models.ForeignKey("records.Conversation", on_delete=models.CASCADE, related_name="offered")
    room = models.CharField(max_length=40)
    staff = models.CharField(max_length=40, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    until = models.DateTimeField(db_index=True)


class Block(models.Model):
    """A time that staff keep free: of a room, of a person, or of the whole clinic."""

    start = models.DateTimeField()
    end = models.DateTimeField()
    room = models.CharField(max_length=40, blank=True)
    staff = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["end"])]


class Reminder(models.Model):
    """One reminder of one visit at one time; the same one is never written twice."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="reminder_rows")
    kind = models.CharField(max_length=20, help_text="hours before, or missed")
    start = models.DateTimeField(help_text="The start that it speaks of: a visit that is moved is reminded of anew.")
    queued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appointment", "kind", "start"], name="one_reminder_a_kind")]


class WaitingPatient(models.Model):
    """Someone who would take an earlier or another time if one gets free; the first taker wins."""

    class State(models.TextChoices):
        WAITING = "waiting"
        OFFERED = "offered"
        BOOKED = "booked"
        LEFT = "left"

    conversation = models.ForeignKey("records.Conversation", on_delete=models.CASCADE, related_name="waiting_for")
    service = models.CharField(max_length=40)
    wish = models.JSONField(default=dict)
    first_name = EncryptedField()
    contact = EncryptedField()
    language = models.CharField(max_length=5, default="en")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    offered_start = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["state"])]


class ContactRequest(models.Model):
    """Someone who wants to be called or written to, until a person has done so."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        TRIED = "tried", "Tried, not reached"
        DONE = "done", "Done"

    conversation = models.ForeignKey("records.Conversation", on_delete=models.CASCADE, related_name="contact_requests")
    first_name = EncryptedField(blank=True)
    contact = EncryptedField(blank=True)
    reason = models.CharField(max_length=40, help_text="A code: call_back, no_time_found, to_confirm …")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    handled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"])]


class ExternalBusy(models.Model):
    """A time that a staff member's own calendar has taken, as it was last read."""

    staff = models.CharField(max_length=40)
    start = models.DateTimeField()
    end = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["end"])]


class CalendarState(models.Model):
    """When a staff member's own calendar was last read, and since when it cannot be."""

    staff = models.CharField(max_length=40, primary_key=True)
    read_at = models.DateTimeField(null=True, blank=True)
    down_since = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="When staff were told that it is down.")
