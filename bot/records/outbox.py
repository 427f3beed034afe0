"""Sends what the outbox holds: once each, with patience when a provider is down."""

from __future__ import annotations

import logging
import random
import re
from datetime import datetime, timedelta

import requests
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from bot import logs
from bot.records import deliveries, opt_outs, texts
from bot.records.carrier import Carrier, CarrierRefused, CarrierSilent
from bot.records.models import Message, Outbox
from bot.records.quiet import allowed_from
from bot.settings import Settings

log = logging.getLogger("bot.outbox")
GIVE_UP_AFTER = 8
LONGEST_WAIT = timedelta(hours=1)
# A row that was being sent when the worker died is looked at again after this long; no call takes longer.
STUCK_AFTER = timedelta(seconds=30)
CLOCK_JUMPED = timedelta(minutes=1)
TOO_MANY = 429
BATCH = 50  # rows between two looks at the other chores


class CannotSend(Exception):
    """Sending failed; `final` says that another try would not help, `vague` that it may have gone out after all."""

    def __init__(self, reason: str, final: bool = False, vague: bool = False, code: int | None = None) -> None:
        super().__init__(reason)
        self.final, self.vague, self.code = final, vague, code


class Sender:
    """Sends due rows, one at a time."""

    def __init__(self, settings: Settings) -> None:
        self._clinic = settings.clinic
        self._carrier = Carrier(settings)
        self._slow_down = False

    def send_due(self, limit: int = BATCH) -> int:
        """Send what is due and return how many rows were tried; fewer when the carrier asks for a pause."""
        tried, self._slow_down = 0, False
        while tried < limit and not self._slow_down and (claimed := self._claim()) is not None:
            row, doubtful = claimed
            tried += 1
            try:
                logs.bind(_request_of(row))
                if not self._waits_for_morning(row):
                    self._sent(row, self._send(row, doubtful))
                    log.info("sent", extra={"row": row.pk, "kind": row.kind, "attempts": row.attempts})
            except CannotSend as error:
                self._put_back(row, error)
        return tried

    def _claim(self) -> tuple[Outbox, bool] | None:
        """Return the next row, marked as being sent, and whether it may have gone out before.

        Two workers never get the same one.
        """
        now = timezone.now()
        with transaction.atomic():
            # What was queued or taken at a time to come was so by a clock that has since been set back.
            ahead = now + CLOCK_JUMPED
            due = Outbox.objects.filter(Q(not_before__lte=now) | Q(created_at__gt=ahead), state=Outbox.State.QUEUED) \
                | Outbox.objects.filter(Q(not_before__lt=now - STUCK_AFTER) | Q(not_before__gt=ahead),
                                        state=Outbox.State.SENDING)
            row = due.order_by("not_before", "id").select_for_update(
                skip_locked=connection.features.has_select_for_update_skip_locked).first()
            if row is None:
                return None
            doubtful = row.kind == Outbox.Kind.SMS and row.unsure
            row.state, row.not_before, row.unsure = Outbox.State.SENDING, now, True
            row.created_at = min(row.created_at, now)
            row.attempts += 1
            row.save(update_fields=["state", "not_before", "attempts", "unsure", "created_at"])
        return row, doubtful

    def _send(self, row: Outbox, doubtful: bool) -> str:
        """Hand a row to its provider and return the provider's id; raises `CannotSend`."""
        if row.kind == Outbox.Kind.EMAIL:
            try:
                _email(row).send()
            except OSError as error:
                raise CannotSend(type(error).__name__) from error
            return ""
        if row.kind == Outbox.Kind.WEBHOOK:
            try:
                requests.post(row.to, data=row.body, timeout=10,
                              headers={"Content-Type": "application/json"}).raise_for_status()
            except requests.RequestException as error:
                raise CannotSend(type(error).__name__) from error
            return ""
        return self._send_text(row, doubtful)

    def _send_text(self, row: Outbox, doubtful: bool) -> str:
        if not self._carrier.ready:
            raise CannotSend("no SMS account is set", final=True)
        if reason := _must_not_go(row):
            raise CannotSend(reason, final=True)
        try:
            return (self._carrier.find(row) if doubtful else None) or self._carrier.send(row)
        except CarrierRefused as error:
            busy = error.status == TOO_MANY
            self._slow_down = self._slow_down or busy
            raise CannotSend(str(error), final=not busy, code=error.code) from None
        except CarrierSilent as error:
            raise CannotSend(f"no answer from the carrier ({error})", vague=True) from None

    def _waits_for_morning(self, row: Outbox) -> bool:
        """Put a text that the clinic starts back until it may go out, and return whether that was so."""
        if not row.clinic_started:
            return False
        now = timezone.now()
        start = allowed_from(row.to, self._clinic, now)
        if start <= now:
            return False
        self._release(row, state=Outbox.State.QUEUED, not_before=start, attempts=row.attempts - 1, unsure=False,
                      error="waits for the end of the quiet hours where the phone is")
        return True

    def _sent(self, row: Outbox, provider_id: str) -> None:
        # Word of the carrier can be here before the answer to our own call.
        self._release(row, state=Outbox.State.SENT, sent_at=timezone.now(), error="", error_code=None, unsure=False,
                      provider_id=provider_id, carrier_status="")
        Outbox.objects.filter(pk=row.pk, provider_id="").update(provider_id=provider_id)

    def _put_back(self, row: Outbox, error: CannotSend) -> None:
        changes = {"error": str(error)[:200], "error_code": error.code, "unsure": error.vague}
        if error.final or row.attempts >= GIVE_UP_AFTER:
            log.error("given up", extra={"row": row.pk, "kind": row.kind, "status": error.code})
            with transaction.atomic():
                if self._release(row, state=Outbox.State.FAILED, **changes) and row.kind == Outbox.Kind.SMS:
                    deliveries.refused(self._clinic, row, error.code)
        else:
            self._release(row, state=Outbox.State.QUEUED, not_before=_next_try(row.attempts), **changes)

    def _release(self, row: Outbox, **changes: object) -> bool:
        """Write what came of a row, unless the carrier's word of it was quicker; returns whether it was written."""
        held = Outbox.objects.filter(pk=row.pk, state=Outbox.State.SENDING, not_before=row.not_before)
        return held.update(**changes) == 1


def _request_of(row: Outbox) -> str:
    """Return the id of the request that a row came of, by the patient's message that it answers or tells of."""
    message = row.message or (row.alert.message if row.alert else None)
    asked = message.answers if message is not None and message.answers else message
    return str(asked.extra.get("request", "")) if asked is not None else ""


def _email(row: Outbox) -> EmailMultiAlternatives:
    """Return a row as an e-mail; a calendar entry goes as a part that mail programs offer to accept, and as a file."""
    message = EmailMultiAlternatives(row.subject, row.body, None, [row.to])
    if row.attachment:
        method = re.search(r"^METHOD:(\w+)", row.attachment, re.MULTILINE)
        kind = f"text/calendar; method={method[1]}" if method else "text/calendar"
        message.attach_alternative(row.attachment, kind)
        message.attach("visit.ics", row.attachment, "text/calendar")
    return message


def _next_try(attempts: int) -> datetime:
    """Return when to try again: twice as long each time, and not all at the same moment."""
    wait = min(LONGEST_WAIT, timedelta(seconds=2 ** attempts))
    return timezone.now() + wait * random.uniform(0.8, 1.2)


def _must_not_go(row: Outbox) -> str:
    """Return why a text must not be sent, or "" when it may.

    The assistant's replies always may: the patient has just asked for them. So may alerts to staff.
    """
    from_staff = row.message is not None and row.message.sender == Message.Sender.STAFF
    started = row.clinic_started or (row.message is None and row.alert is None)
    if not (started or from_staff):
        return ""
    if started and texts.names_treatment(row.body):
        return "a text that the clinic starts must not name the treatment"
    word = opt_outs.latest(row.to)
    if word is None or word.consents:
        return ""
    asked_since = row.conversation is not None and row.conversation.messages.filter(
        sender=Message.Sender.PATIENT, at__gt=word.at).exists()
    return "" if from_staff and asked_since else "the patient opted out of texts"
