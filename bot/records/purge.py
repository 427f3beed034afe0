"""What is kept no longer goes at night, by kind, as `retention` in `clinic.yml` says."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from bot.records import guards
from bot.records.dialogue_memory import forget_all_but, remembered_cases
from bot.records.erase import forgotten
from bot.records.models import Appointment, Conversation, Outbox
from bot.settings import Retention

BATCH = 200  # conversations that go in one transaction: a patient's message waits for no longer than that


def purge(keep: Retention, now: datetime) -> dict[str, int]:
    """Delete what is past its time and return how many of each kind; what is held is never touched."""
    done = {
        "conversations": _conversations(_calm(), now - timedelta(days=keep.conversations)),
        "conversations with danger": _conversations(_grave(), now - timedelta(days=keep.danger)),
        "dialogues": _dialogues(now - timedelta(days=keep.dialogue)),
        "sent messages": _outbox(now - timedelta(days=keep.outbox)),
        "visits": _visits(now - timedelta(days=keep.visits)),
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
    }
    if done["conversations"] or done["conversations with danger"]:
        guards.forget_deleted_words()
    return done


def _grave() -> Q:
    """Danger was read, or a person was called: kept as documentation (45 CFR 164.316(b)(2))."""
    return Q(tier__in=("emergency", "crisis")) | Q(alerts__isnull=False)


def _calm() -> Q:
    return ~Q(tier__in=("emergency", "crisis")) & Q(alerts__isnull=True)


def _conversations(kind: Q, before: datetime) -> int:
    count = 0
    due = Conversation.objects.filter(kind, updated_at__lt=before, held_at=None)
    while keys := list(due.order_by("id").values_list("id", flat=True).distinct()[:BATCH]):
        for conversation in Conversation.objects.filter(pk__in=keys):
            forgotten.send(Conversation, conversation=conversation)
        Conversation.objects.filter(pk__in=keys).delete()
        count += len(keys)
    return count


def _dialogues(before: datetime) -> int:
    """Forget Rasa's memory of every conversation that rests, and of those that are no longer on record."""
    cases = remembered_cases()
    awake: set[str] = set()
    for start in range(0, len(cases), 500):
        rows = Conversation.objects.filter(case__in=cases[start:start + 500], updated_at__gte=before)
        awake.update(rows.values_list("case", flat=True))
    return forget_all_but(awake, cases)


def _outbox(before: datetime) -> int:
    done = Outbox.objects.filter(state__in=(Outbox.State.SENT, Outbox.State.FAILED), created_at__lt=before)
    return _not_held(done, "conversation").delete()[0]


def _visits(before: datetime) -> int:
    """Forget who came; that a room was taken stays, for the figures."""
    past = Appointment.objects.filter(end__lt=before).exclude(first_name="", contact="")
    return _not_held(past, "conversation").update(first_name="", contact="")


def _not_held(rows: QuerySet, path: str) -> QuerySet:  # type: ignore[type-arg]
    return rows.filter(Q(**{f"{path}__isnull": True}) | Q(**{f"{path}__held_at__isnull": True}))
