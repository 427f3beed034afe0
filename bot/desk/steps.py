"""What staff do about a conversation: acknowledge, settle, clear the block, note down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bot.desk.models import Note
from bot.desk.roles import display_name
from bot.records.measures import ACKNOWLEDGED
from bot.records.models import Alert, Conversation, Message, Tier


class NewerDanger(Exception):
    """A message of danger came after the page was opened; it must be read first."""


def acknowledge(alert: Alert, user: Any, now: datetime) -> bool:
    """Mark an alert as seen by a person; return False if somebody did before."""
    changed = Alert.objects.filter(pk=alert.pk, acknowledged_at=None).update(
        acknowledged_at=now, acknowledged_by=user)
    if changed:
        ACKNOWLEDGED.labels(alert.priority).observe((now - alert.created_at).total_seconds())
        _touch(alert.conversation, now)
    return bool(changed)


def assign(alert: Alert, user: Any, now: datetime) -> None:
    """Say who is to see to an alert, or nobody (None)."""
    Alert.objects.filter(pk=alert.pk).update(assigned_to=user)
    _touch(alert.conversation, now)


def settle(alert: Alert, user: Any, outcome: str, note: str, now: datetime) -> None:
    """Write down how an alert ended; notes are added to, never replaced."""
    acknowledge(alert, user, now)
    with transaction.atomic():
        current = Alert.objects.select_for_update().get(pk=alert.pk)
        if outcome:
            current.outcome = outcome
        if note:
            stamp = timezone.localtime(now).strftime("%Y-%m-%d %H:%M")
            current.note = "\n".join(filter(None, [current.note, f"{stamp} {display_name(user)}: {note}"]))
        current.save(update_fields=["outcome", "note"])
    _touch(alert.conversation, now)


def clear_block(conversation: Conversation, seen: int, now: datetime) -> bool:
    """Lift the block and return whether there was one; `seen` is the newest message that was on the page.

    Raises `NewerDanger` when a message of danger came since. The tier stays: it never falls.
    """
    with transaction.atomic():
        locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
        newer = Message.objects.filter(conversation=locked, id__gt=seen, sender=Message.Sender.PATIENT)
        # A message without a verdict is still being read: it may be one.
        if newer.filter(Q(verdict=None) | Q(verdict__tier__in=(Tier.CRISIS, Tier.EMERGENCY))).exists():
            raise NewerDanger
        changed = Conversation.objects.filter(pk=locked.pk, locked=True).update(
            locked=False, question_open=False, updated_at=now)
    return bool(changed)


def write_note(conversation: Conversation, user: Any, text: str, now: datetime,
               kind: str = Note.Kind.NOTE) -> Note:
    """Add a note to a conversation."""
    note = Note.objects.create(conversation=conversation, author=user, kind=kind, text=text, at=now)
    _touch(conversation, now)
    return note


def is_repeat(conversation: Conversation, user: Any, text: str, now: datetime) -> bool:
    """Return whether the same reply was sent moments ago: a double press, not a second thought."""
    last = conversation.messages.filter(sender=Message.Sender.STAFF, staff=user).order_by("-id").first()
    return last is not None and last.text == text and (now - last.at).total_seconds() < 15


def _touch(conversation: Conversation, now: datetime) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=now)
