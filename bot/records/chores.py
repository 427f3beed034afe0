"""What the worker looks after besides the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Q
from django.utils import timezone

from bot.records import calendar_sync, reminders, waitlist
from bot.records.alerts import queue_alert, raise_alert
from bot.records.appointments import release_expired
from bot.records.models import Alert, Heartbeat, Message
from bot.settings import Clinic

# An alert that nobody acknowledged is sent again (clinical proposal: 5 and 15 minutes, then hourly).
REMIND_AFTER = {"P1": (timedelta(minutes=5), timedelta(minutes=15)), "P2": (timedelta(hours=4),)}
THEN_EVERY = timedelta(hours=1)
UNANSWERED_AFTER = timedelta(minutes=1)


def beat() -> None:
    """Leave a sign of life."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})


def look_after(clinic: Clinic) -> None:
    """Remind of open alerts, flag messages without an answer."""
    now = timezone.now()
    for alert in Alert.objects.filter(pk__in=_to_send_again(now)).select_related("conversation"):
        passed = now - alert.created_at
        # Once, also when several are due: the worker was away.
        queue_alert(clinic, alert, int(passed.total_seconds() // 60),
                    sent=1 + _reminders_due(alert.priority, passed))
    forgotten = Message.objects.filter(
        # A time to come is that of a clock which ran ahead when the message came.
        Q(at__lt=now - UNANSWERED_AFTER) | Q(at__gt=now + UNANSWERED_AFTER), at__gt=now - timedelta(days=1),
        sender="patient", answered_at=None,
        conversation__owner=None, conversation__erased_at=None).select_related("conversation")
    for message in forgotten[:50]:
        raise_alert(clinic, message.conversation, message, "P2", "unanswered")


def _to_send_again(now: datetime, limit: int = 200) -> list[int]:
    """Return the open alerts of which word is due again; without their conversations, since this runs each second."""
    waiting = Alert.objects.filter(acknowledged_at=None, priority__in=REMIND_AFTER).order_by("priority", "id")
    due = (key for key, priority, since, sent in waiting.values_list("id", "priority", "created_at", "sent_count")
           if sent < 1 + _reminders_due(priority, now - since))
    return list(islice(due, limit))


def _reminders_due(priority: str, passed: timedelta) -> int:
    steps = REMIND_AFTER[priority]
    return sum(passed >= step for step in steps) + max(0, int((passed - steps[-1]) / THEN_EVERY))


def look_after_visits(clinic: Clinic) -> None:
    """Let go of holds that ran out, remind of visits, let offers to the waiting list lapse."""
    now = timezone.now()
    release_expired(now)
    reminders.queue_due(clinic, now)
    reminders.queue_missed(clinic, now)
    waitlist.expire(now)


def look_after_calendars(clinic: Clinic) -> None:
    """Read and write the staff's own calendars."""
    calendar_sync.sync_due(clinic, timezone.now())
