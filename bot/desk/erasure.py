"""Erasing a person everywhere at their wish, with a certificate of what is kept and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.desk.models import Certificate, Label, Note, Review
from bot.records import erase as records
from bot.records.models import AuditRow, Conversation, Outbox, PhoneConsent
from bot.settings import Retention


def forget_notes(conversation: Conversation, **_kwargs: Any) -> None:
    """Delete what the desk wrote about a conversation; called before its words go."""
    Note.objects.filter(conversation=conversation).delete()
    Label.objects.filter(conversation=conversation).delete()
    Review.objects.filter(message__conversation=conversation).delete()


def person_of(conversation: Conversation) -> list[Conversation]:
    """Return all conversations of the same phone, or only this one: on the web nobody is asked who they are."""
    if not conversation.phone:
        return [conversation]
    return list(Conversation.objects.filter(phone=conversation.phone).order_by("id"))


def erase_person(conversation: Conversation, user: Any, keep: Retention, now: datetime) -> Certificate:
    """Erase everything of a person that need not be kept, and return the certificate."""
    phone, lines = conversation.phone, []
    for each in person_of(conversation):
        lines.append(_erase_one(each, keep, now))
    kept = [line for line in lines if line["kept"]]
    body: dict[str, Any] = {"conversations": lines, "also_kept": _also_kept(phone, bool(kept))}
    return Certificate.objects.create(case=conversation.case, author=user, at=now, body=body)


def _erase_one(conversation: Conversation, keep: Retention, now: datetime) -> dict[str, Any]:
    reasons = records.reasons_to_keep(conversation)
    line = {"case": conversation.case, "messages": conversation.messages.count(),
            "notes": Note.objects.filter(conversation=conversation).count(),
            "texts": Outbox.objects.filter(conversation=conversation).count(),
            "exports": [row.at.isoformat() for row in AuditRow.objects.filter(case=conversation.case, action="export")],
            "kept": reasons, "until": _until(reasons, keep, now)}
    records.erase(conversation)
    if not reasons:
        # Not even the phone is left to tell whose it was; visits that took place belong to the patient's chart.
        Outbox.objects.filter(conversation=conversation).delete()
        Conversation.objects.filter(pk=conversation.pk).update(phone=None)
    return line


def _until(reasons: list[str], keep: Retention, now: datetime) -> str:
    if not reasons or "hold" in reasons:
        return ""
    return (now + timedelta(days=keep.danger)).date().isoformat()


def _also_kept(phone: str | None, some_kept: bool) -> list[str]:
    """Return the codes of what stays beside conversations; the page says each in words."""
    kept = ["audit"]
    if phone and PhoneConsent.objects.filter(phone=phone).exists():
        kept.append("consent")
    if some_kept and phone:
        kept.append("phone")
    return kept
