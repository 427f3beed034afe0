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


def queue_alert(clinic: Clinic, alert: Alert) -> None:
    """Queue word of an alert to everyone in `clinic.yml`; a second call is the next reminder."""
    _queue(clinic, alert, alert.sent_count)
    alert.sent_count += 1
    Alert.objects.filter(pk=alert.pk).update(sent_count=alert.sent_count)


def phones(clinic: Clinic, level: str) -> list[str]:
    """Return whom to text: the phones for alerts, and for P1 whoever is on call."""
    on_call = [clinic.on_call_phone] if level == "P1" and clinic.on_call_phone else []
    return list(dict.fromkeys([*clinic.alerts.phones, *on_call]))


def _queue(clinic: Clinic, alert: Alert, number: int) -> None:
    case, level = alert.conversation.case, alert.priority
    line = f"Alert {level}, case {case}: open the desk."
    queued = [Outbox(kind="email", to=to, subject=f"Alert {level}, case {case}", body=line)
            for to in clinic.alerts.emails]
    queued += [Outbox(kind="sms", to=to, body=f"{clinic.neutral_name}: {line}") for to in phones(clinic, level)]
    queued += [Outbox(kind="webhook", to=to, body=json.dumps({"priority": level, "case": case}))
             for to in clinic.alerts.webhooks]
    for row in queued:
        row.alert, row.key = alert, f"alert:{alert.pk}:{number}:{row.kind}:{_tag(row.to)}"
        rows.insert_once(row)


def _tag(to: str) -> str:
    """Return what stands for an address or number where it must not be readable."""
    return salted_hmac("bot.records.alerts", to).hexdigest()[:24]
