"""Sends what the outbox holds: once each, with patience when a provider is down."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import requests
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from bot.records.models import Outbox
from bot.settings import Settings

log = logging.getLogger("bot.outbox")
GIVE_UP_AFTER = 8
LONGEST_WAIT = timedelta(hours=1)
# A row that was being sent when the worker died is looked at again after this long.
STUCK_AFTER = timedelta(minutes=5)
FINAL_SMS_ERRORS = (21211, 21408, 21610, 21614)  # not a number, no permission, opted out, not a mobile


class CannotSend(Exception):
    """Sending failed; `final` says that another try would not help."""

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Sender:
    """Sends due rows, one at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        env = settings.env
        self._twilio = (Client(env.twilio_account_sid, env.twilio_auth_token) if env.twilio_account_sid else None)

    def send_due(self, limit: int = 50) -> int:
        """Send what is due and return how many rows were tried."""
        tried = 0
        while tried < limit and (row := self._claim()) is not None:
            tried += 1
            try:
                row.provider_id = self._send(row)
                row.state, row.sent_at, row.error = Outbox.State.SENT, timezone.now(), ""
            except CannotSend as error:
                self._put_back(row, error)
            row.save(update_fields=["state", "sent_at", "error", "provider_id", "not_before"])
        return tried

    def _claim(self) -> Outbox | None:
        """Return the next row, marked as being sent; two workers never get the same one."""
        now = timezone.now()
        with transaction.atomic():
            due = Outbox.objects.filter(state=Outbox.State.QUEUED, not_before__lte=now) | Outbox.objects.filter(
                state=Outbox.State.SENDING, not_before__lt=now - STUCK_AFTER)
            row = due.order_by("not_before", "id").select_for_update(skip_locked=_skips_locked()).first()
            if row is None:
                return None
            row.state, row.not_before = Outbox.State.SENDING, now
            row.attempts += 1
            row.save(update_fields=["state", "not_before", "attempts"])
        return row

    def _send(self, row: Outbox) -> str:
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
        return self._send_sms(row)

    def _send_sms(self, row: Outbox) -> str:
        env = self._settings.env
        if self._twilio is None or not env.twilio_number:
            raise CannotSend("no SMS account is set", final=True)
        try:
            sent = self._twilio.messages.create(to=row.to, from_=env.twilio_number, body=row.body,
                                                status_callback=env.public_url + "/sms/status")
        except TwilioRestException as error:
            raise CannotSend(f"carrier {error.code}", final=error.code in FINAL_SMS_ERRORS) from error
        except (TwilioException, requests.RequestException) as error:
            raise CannotSend(type(error).__name__) from error
        return str(sent.sid)

    def _put_back(self, row: Outbox, error: CannotSend) -> None:
        row.error = str(error)[:200]
        if error.final or row.attempts >= GIVE_UP_AFTER:
            row.state = Outbox.State.FAILED
            log.error("Outbox row %s was given up: %s", row.pk, row.error)
        else:
            row.state = Outbox.State.QUEUED
            row.not_before = timezone.now() + min(LONGEST_WAIT, timedelta(seconds=2 ** row.attempts))


def _email(row: Outbox) -> EmailMultiAlternatives:
    """Return a row as an e-mail; a calendar entry goes as a part that mail programs offer to accept, and as a file."""
    message = EmailMultiAlternatives(row.subject, row.body, None, [row.to])
    if row.attachment:
        method = re.search(r"^METHOD:(\w+)", row.attachment, re.MULTILINE)
        kind = f"text/calendar; method={method[1]}" if method else "text/calendar"
        message.attach_alternative(row.attachment, kind)
        message.attach("visit.ics", row.attachment, "text/calendar")
    return message


def _skips_locked() -> bool:
    from django.db import connection

    return connection.features.has_select_for_update_skip_locked
