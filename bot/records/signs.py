"""Small signs from the two sides of a chat: a help line was tapped, somebody is typing. No word of anyone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

FRESH = timedelta(seconds=6)  # how long "is typing" holds; both sides say it again while it lasts
MOST_TAPS = 50  # of one conversation; more say nothing new


class Tap(models.Model):
    """The patient tapped a phone line that the widget showed; whether they spoke to anybody, nobody knows."""

    conversation = models.ForeignKey("records.Conversation", on_delete=models.CASCADE, related_name="taps")
    line = models.CharField(max_length=24, help_text="The link without more: tel:988, sms:741741")
    at = models.DateTimeField(default=timezone.now)


class Typing(models.Model):
    """When each side was last seen typing."""

    conversation = models.OneToOneField("records.Conversation", on_delete=models.CASCADE, primary_key=True,
                                        related_name="typing")
    patient_at = models.DateTimeField(null=True)
    staff_at = models.DateTimeField(null=True, db_index=True)


def note_tap(conversation_id: int, line: str, now: datetime) -> None:
    """Keep that a line was tapped."""
    if Tap.objects.filter(conversation=conversation_id).count() < MOST_TAPS:
        Tap.objects.create(conversation_id=conversation_id, line=line, at=now)


def note_typing(conversation_id: int, side: str, now: datetime) -> None:
    """Keep that the patient or the staff member (`side`) is typing."""
    Typing.objects.update_or_create(conversation_id=conversation_id, defaults={f"{side}_at": now})


def patient_types(conversation_id: int, now: datetime) -> bool:
    """Return whether the patient is typing."""
    return Typing.objects.filter(conversation=conversation_id, patient_at__gt=now - FRESH).exists()


def staff_types(now: datetime) -> dict[int, datetime]:
    """Return the conversations in which staff are typing, with when that was last seen."""
    return {key: at for key, at in Typing.objects.filter(staff_at__gt=now - FRESH).values_list(
        "conversation_id", "staff_at") if at is not None}
