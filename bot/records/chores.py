"""What the worker looks after besides the outbox."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from bot.records.alerts import queue_alert, raise_alert
from bot.records.models import Alert, Appointment, Heartbeat, Message
from bot.settings import Clinic

# An alert that nobody acknowledged is sent again (clinical proposal: 5 and 15 minutes, then hourly).
REMIND_AFTER = {"P1": (timedelta(minutes=5), timedelta(minutes=15)), "P2": (timedelta(hours=4),)}
THEN_EVERY = timedelta(hours=1)
UNANSWERED_AFTER = timedelta(minutes=1)


def beat() -> None:
    """Leave a sign of life."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})


def look_after(clinic: Clinic) -> None:
    """Remind of open alerts, flag messages without an answer, let go of holds that ran out."""
    now = timezone.now()
    for alert in Alert.objects.filter(acknowledged_at=None, priority__in=REMIND_AFTER).select_related("conversation"):
        steps = REMIND_AFTER[alert.priority]
        passed = now - alert.created_at
        due = sum(passed >= step for step in steps)
        due += max(0, int((passed - steps[-1]) / THEN_EVERY))
        if alert.sent_count < due + 1:
            queue_alert(clinic, alert)
    forgotten = Message.objects.filter(
        sender="patient", answered_at=None, at__lt=now - UNANSWERED_AFTER, at__gt=now - timedelta(days=1),
        conversation__owner=None, conversation__erased_at=None).select_related("conversation")
    for message in forgotten[:50]:
        raise_alert(clinic, message.conversation, message, "P2", "unanswered")
    Appointment.objects.filter(state="held", held_until__lt=now).update(state="cancelled")
