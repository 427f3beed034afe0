"""Telling staff: an alert, and the messages that carry word of it, in one transaction."""

from __future__ import annotations

import json

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from bot.records import rows
from bot.records.models import Alert, Conversation, Message, Outbox
from bot.settings import Clinic


def priority(tier: str, category: str, subject: str) -> str | None:
    """Return how soon a person must look (P1 at once, P2 the same day, P3 at the next review)."""
    if tier == "emergency":
        return "P1"
    if tier == "crisis":
        urgent = category in ("suicide", "violence", "psychosis", "medical", "overdose") and subject != "other"
        return "P1" if urgent or category == "violence" or subject == "minor" else "P2"
    return {"check_in": "P2", "info": "P3"}.get(tier)


def raise_alert(clinic: Clinic, conversation: Conversation, message: Message | None, level: str,
                reason: str) -> None:
    """Write an alert and queue word of it; while one like it is open, no second one is written.

    A more urgent one always is. Nothing that is queued holds a word of the patient's.
    """
    with transaction.atomic(savepoint=False):
        if _is_open(conversation, level, reason):
            return
        alert = Alert(conversation=conversation, message=message, priority=level, reason=reason, sent_count=1)
        rows.insert(alert)
        if level != "P3":
            _queue(clinic, alert, 0)


def _is_open(conversation: Conversation, level: str, reason: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT priority FROM records_alert WHERE conversation_id = %s AND reason = %s "
                       "AND acknowledged_at IS NULL", [conversation.pk, reason])
        return any(held <= level for (held,) in cursor.fetchall())


def queue_alert(clinic: Clinic, alert: Alert, minutes: int = 0, sent: int | None = None) -> None:
    """Queue word of an alert that nobody has acknowledged for so many minutes; `sent` is which word of it this is."""
    number = alert.sent_count if sent is None else sent - 1
    _queue(clinic, alert, number, minutes)
    alert.sent_count = number + 1
    Alert.objects.filter(pk=alert.pk).update(sent_count=alert.sent_count)


def _queue(clinic: Clinic, alert: Alert, number: int, minutes: int = 0) -> None:
    case, level = alert.conversation.case, alert.priority
    subject = f"Alert {level}, case {case}" + (f", open for {minutes} minutes" if minutes else "")
    line = f"{subject}: open the desk."
    told = {"priority": level, "case": case} | ({"open_minutes": minutes} if minutes else {})
    queued = [Outbox(kind="email", to=to, subject=subject, body=line) for to in _all(clinic, level, number, "emails")]
    queued += [Outbox(kind="sms", to=to, body=f"{clinic.neutral_name}: {line}")
               for to in _all(clinic, level, number, "phones")]
    queued += [Outbox(kind="webhook", to=to, body=json.dumps(told)) for to in _all(clinic, level, number, "webhooks")]
    for row in queued:
        row.alert, row.key = alert, f"alert:{alert.pk}:{number}:{row.kind}:{_tag(row.to)}"
        rows.insert_once(row)


def phones(clinic: Clinic, level: str) -> list[str]:
    """Return whom to text at once: the phones for alerts, and for P1 whoever is on call."""
    on_call = [clinic.on_call_phone] if level == "P1" and clinic.on_call_phone else []
    return list(dict.fromkeys([*clinic.alerts.phones, *on_call]))


def _all(clinic: Clinic, level: str, number: int, way: str) -> list[str]:
    """Return whom to tell by one way: the clinic's, for a P1 whoever is on call, and later the next in line."""
    told = phones(clinic, level) if way == "phones" else [*getattr(clinic.alerts, way)]
    if level == "P1" and number > 0:
        told += getattr(clinic.alerts.escalation, way)
    return list(dict.fromkeys(told))


def _tag(to: str) -> str:
    """Return what stands for an address or number where it must not be readable."""
    return salted_hmac("bot.records.alerts", to).hexdigest()[:24]
