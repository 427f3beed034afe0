"""What became of a text: word of the carrier, which only moves forward, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bot.records import opt_outs
from bot.records.alerts import raise_alert
from bot.records.carrier_errors import OPTED_OUT, carrier_error
from bot.records.models import Conversation, Outbox
from bot.settings import Clinic

# Carriers' words in the order in which a message can go through them; the last three end it.
RANK = {"": 0, "accepted": 1, "scheduled": 1, "queued": 2, "sending": 3, "sent": 4, "delivered": 5, "read": 6,
        "undelivered": 5, "failed": 5, "canceled": 5}
LOST = ("undelivered", "failed", "canceled")


@dataclass(frozen=True)
class Problem:
    """A text that did not arrive, in words for the desk."""

    at: datetime
    says: str
    gave_up: bool


def note_status(clinic: Clinic, row_id: int | None, sid: str, status: str, code: int | None) -> bool:
    """Take a status callback; returns whether it changed anything. Word that comes late or twice changes nothing."""
    if status not in RANK or not sid:
        return False
    if status not in LOST and _went_on(row_id, sid, status):
        return True
    with transaction.atomic():
        row = _row_of(row_id, sid)
        if row is None or RANK[status] <= RANK.get(row.carrier_status, 0):
            return False
        row.carrier_status = status
        if status in LOST:
            _lost(clinic, row, code)
        elif row.state != Outbox.State.FAILED:
            row.state, row.unsure, row.error = Outbox.State.SENT, False, ""
            row.sent_at = row.sent_at or timezone.now()
        row.save(update_fields=["carrier_status", "state", "unsure", "error", "error_code", "sent_at", "provider_id",
                                "not_before", "attempts"])
    return True


def refused(clinic: Clinic, row: Outbox, code: int | None) -> None:
    """Draw the consequences of a text that will not arrive: a record of an opt-out, and word to staff in a crisis."""
    if code == OPTED_OUT and not opt_outs.opted_out(row.to):
        opt_outs.record_consent(row.to, False, "carrier", f"carrier.{code}")
    conversation = row.conversation
    if conversation is not None and conversation.tier in ("emergency", "crisis"):
        raise_alert(clinic, conversation, row.message, "P1", "text_not_delivered")


def problems(conversation: Conversation, limit: int = 5) -> list[Problem]:
    """Return what did not arrive or has not yet, newest first."""
    found = Outbox.objects.filter(conversation=conversation, kind=Outbox.Kind.SMS).exclude(
        error="").exclude(state=Outbox.State.SENT).order_by("-id")[:limit]
    return [Problem(row.created_at, _says(row), row.state == Outbox.State.FAILED) for row in found]


def _went_on(row_id: int | None, sid: str, status: str) -> bool:
    """Note, with one statement, that a text that was sent went on as it should; returns whether that was all."""
    before = [word for word, rank in RANK.items() if rank < RANK[status]]
    return Outbox.objects.filter(pk=row_id or 0, provider_id=sid, kind=Outbox.Kind.SMS, state=Outbox.State.SENT,
                                 carrier_status__in=before).update(carrier_status=status) == 1


def _says(row: Outbox) -> str:
    return carrier_error(row.error_code).says if row.error_code else row.error[:1].upper() + row.error[1:] + "."


def _row_of(row_id: int | None, sid: str) -> Outbox | None:
    """Return the row that a carrier's message belongs to, locked; one that is met for the first time is taken over.

    A text that went out in a webhook's answer is only known by the row in its callback's address.
    """
    locked = Outbox.objects.select_for_update().select_related(None)
    if row_id is None:
        return locked.filter(provider_id=sid).first()
    row = locked.filter(pk=row_id, kind=Outbox.Kind.SMS).first()
    if row is None or row.provider_id == sid:
        return row
    if row.provider_id and row.state != Outbox.State.SENDING:
        return None  # word of an earlier try
    # Two texts of the same words to the same phone: the other one took this for its own.
    Outbox.objects.filter(provider_id=sid).exclude(pk=row.pk).update(
        provider_id="", carrier_status="", state=Outbox.State.QUEUED, unsure=True, not_before=timezone.now())
    row.provider_id, row.carrier_status = sid, ""
    return row


def _lost(clinic: Clinic, row: Outbox, code: int | None) -> None:
    row.error, row.error_code = f"carrier {code or ''}".strip(), code
    wait = carrier_error(code).wait(row.attempts or 1)
    if wait is not None:
        row.attempts = row.attempts or 1  # a text in a webhook's answer was the first try
        row.state, row.unsure, row.not_before = Outbox.State.QUEUED, False, timezone.now() + wait
    else:
        row.state, row.unsure = Outbox.State.FAILED, False
        refused(clinic, row, code)
