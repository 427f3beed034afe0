"""Erasing a person everywhere at their wish, with a certificate of what is kept and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from bot.desk.models import Certificate, Label, Note, Review
from bot.records import erase as records
from bot.records.models import Appointment, AuditRow, Conversation, Outbox, PhoneConsent
from bot.settings import Retention


def forget_notes(conversation: Conversation, **_kwargs: Any) -> None:
    """Delete what the desk wrote about a conversation; called before its words go."""
    Note.objects.filter(conversation=conversation).delete()
    Label.objects.filter(conversation=conversation).delete()
    Review.objects.filter(message__conversation=conversation).delete()


def person_of(conversation: Conversation) -> list[Conversation]:
    """Return all conversations of the same person, by phone and by the contacts that they booked or asked with.

    On the web nobody is asked who they are: without a contact it is this conversation only.
    """
    contacts = {conversation.phone, *conversation.appointments.values_list("contact", flat=True),
                *conversation.contact_requests.values_list("contact", flat=True),
                *conversation.waiting_for.values_list("contact", flat=True)} - {None, ""}
    if not contacts:
        return [conversation]
    same = (Q(phone__in=contacts) | Q(appointments__contact__in=contacts) | Q(contact_requests__contact__in=contacts)
            | Q(waiting_for__contact__in=contacts))
    return list(Conversation.objects.filter(same | Q(pk=conversation.pk)).distinct().order_by("id"))


def erase_person(conversation: Conversation, user: Any, keep: Retention, now: datetime) -> Certificate:
    """Erase everything of a person that need not be kept, and return the certificate."""
    phone, lines = conversation.phone, []
    people = person_of(conversation)
    for each in people:
        lines.append(_erase_one(each, keep, now))
    kept = [line for line in lines if line["kept"]]
    visits = Appointment.objects.filter(conversation__in=people, state="booked").exclude(contact="").exists()
    body: dict[str, Any] = {"conversations": lines, "also_kept": _also_kept(phone, bool(kept), visits)}
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
        conversation.contact_requests.all().delete()
        conversation.waiting_for.all().delete()
        Conversation.objects.filter(pk=conversation.pk).update(phone=None)
    return line


def _until(reasons: list[str], keep: Retention, now: datetime) -> str:
    if not reasons or "hold" in reasons:
        return ""
    return (now + timedelta(days=keep.danger)).date().isoformat()


def _also_kept(phone: str | None, some_kept: bool, visits: bool) -> list[str]:
    """Return the codes of what stays beside conversations; the page says each in words."""
    kept = ["audit"]
    if phone and PhoneConsent.objects.filter(phone=phone).exists():
        kept.append("consent")
    if some_kept and phone:
        kept.append("phone")
    if visits:
        kept.append("visits")
    return kept
