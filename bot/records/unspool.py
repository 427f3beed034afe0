"""Brings kept messages onto record, each once, and tells staff directly while it cannot."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import requests
from django.core.mail import send_mail
from django.db import DatabaseError, IntegrityError, transaction

from bot.records import rows, spool, store
from bot.records.alerts import phones, raise_alert
from bot.records.carrier import Carrier, CarrierRefused, CarrierSilent
from bot.records.models import Conversation, Outbox, Tier
from bot.records.spool import Kept
from bot.records.store import Reply
from bot.records.texts import queue_replies
from bot.settings import Clinic, Settings

log = logging.getLogger("bot.spool")
URGENT = ("P1", "P2")
BATCH = 50
_TIERS = list(Tier.values)


class Unspooler:
    """Looks after this machine's kept messages; one a worker."""

    def __init__(self, settings: Settings) -> None:
        self._clinic = settings.clinic
        self._carrier = Carrier(settings)
        self._told: set[str] = set()
        spool.prepare()

    def look(self) -> int:
        """Bring what is kept onto record and return how many there were; raises the database's error."""
        done = 0
        for path in spool.waiting()[:BATCH]:
            kept = spool.read(path)
            if kept is None:
                continue
            try:
                record(self._clinic, kept)
            except DatabaseError:
                self._tell(path, kept)
                raise
            path.unlink(missing_ok=True)
            path.with_suffix(".told").unlink(missing_ok=True)
            done += 1
        if not done:
            spool.prepare()
        else:
            log.warning("%s messages that the records could not take before are on record", done)
        return done

    def _tell(self, path: Path, kept: Kept) -> None:
        """Send word past the outbox, which is down with the records; once a message, also after a restart."""
        mark = path.with_suffix(".told")
        if kept.level not in URGENT or path.name in self._told or mark.exists():
            return
        self._told.add(path.name)
        with contextlib.suppress(OSError):  # on a full disk this worker remembers by itself
            mark.touch()
        line = (f"Alert {kept.level}: a patient needs a person, and the records are down. "
                "The chat shows at the desk when they are back.")
        for send in self._ways(kept.level or "", line):
            try:
                send()
            except (OSError, requests.RequestException, CarrierRefused, CarrierSilent) as error:
                log.error("Word of an alert could not be sent: %s", type(error).__name__)

    def _ways(self, level: str, line: str) -> list[Callable[[], object]]:
        alerts, body = self._clinic.alerts, json.dumps({"priority": level, "case": ""})
        text = f"{self._clinic.neutral_name}: {line}"
        ways: list[Callable[[], object]] = [
            partial(send_mail, f"Alert {level}", line, None, [to]) for to in alerts.emails]
        ways += [partial(requests.post, to, data=body, timeout=10, headers={"Content-Type": "application/json"})
                 for to in alerts.webhooks]
        if self._carrier.ready:
            ways += [partial(self._carrier.send, Outbox(kind="sms", to=to, body=text))
                     for to in phones(self._clinic, level)]
        return ways


def record(clinic: Clinic, kept: Kept) -> None:
    """Write a kept message, its verdict, its alert and its answer; what is there already stays as it is."""
    conversation = _conversation(kept)
    if conversation is None or conversation.erased_at is not None:
        return  # the patient erased the chat meanwhile
    try:
        message, _ = store.record_inbound(conversation, kept.dedup, kept.client_id, kept.text, kept.extra)
    except IntegrityError:
        return
    with transaction.atomic():
        rows.load(conversation, lock=True)
        rows.load(message)
        if message.answered_at is not None:  # the patient's page sent it again before this came in
            raise_alert(clinic, conversation, message, "P2", "records_down")
            return
        message.at = min(message.at, datetime.fromisoformat(kept.at))
        rows.update(message, "at")
        store.record_verdict(message, kept.verdict)
        changes = dict(kept.changes)
        if _TIERS.index(changes.get("tier", "none")) <= _TIERS.index(conversation.tier):
            changes = {}
        if kept.level:
            raise_alert(clinic, conversation, message, kept.level, f"{kept.verdict['tier']}.{kept.verdict['category']}")
        raise_alert(clinic, conversation, message, "P2", "records_down")
        written = store.record_replies(message, conversation, [Reply(**reply) for reply in kept.replies],
                                       told_rasa=kept.told_rasa)
        for reply in written:  # so that the patient's widget knows them as those that it shows already
            reply.client_id = reply_id(kept.client_id)
            rows.update(reply, "client_id")
        queue_replies(conversation, written)
        store.touch(conversation, **changes, waiting=True)


def reply_id(client_id: str) -> str:
    """Return what marks an answer that was given before it was on record."""
    return f"re:{client_id}"[:64]


def _conversation(kept: Kept) -> Conversation | None:
    if kept.conversation is not None:
        return Conversation.objects.filter(pk=kept.conversation).first()
    return store.conversation_of_phone(kept.phone) if kept.phone else None
