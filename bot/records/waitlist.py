"""People who wait for a time: told when one gets free; the first to take it has it, the others hear kindly."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from bot.records import appointments, offers
from bot.records.appointments import SlotTaken
from bot.records.models import Appointment, Conversation, WaitingPatient
from bot.records.visit_links import waiting_link_of
from bot.records.visit_messages import queue_email, queue_sms, write_in_chat
from bot.scheduling.choosing import in_words
from bot.scheduling.texts import say
from bot.scheduling.wish import wish_from
from bot.settings import Clinic, Service, get_settings

TOLD_AT_ONCE = 5
OFFER_LASTS = timedelta(hours=24)


def join(conversation: Conversation, service: Service, wish: dict[str, Any], first_name: str, contact: str,
         language: str) -> bool:
    """Put someone on the list; returns False when they are on it already (their wish is renewed)."""
    _row, new = WaitingPatient.objects.update_or_create(
        conversation=conversation, service=service.id, state__in=("waiting", "offered"),
        defaults={"wish": wish, "first_name": first_name, "contact": contact, "language": language},
        create_defaults={"wish": wish, "first_name": first_name, "contact": contact, "language": language,
                         "conversation": conversation, "service": service.id})
    return new


def leave(conversation: Conversation) -> bool:
    """Take someone off the list; returns whether they were on it."""
    return bool(WaitingPatient.objects.filter(conversation=conversation, state__in=("waiting", "offered"))
                .update(state="left"))


def offer_freed(clinic: Clinic, service: Service, start: datetime, now: datetime) -> int:
    """Tell those whose wish a freed time fits, longest waiting first; returns how many were told."""
    if start < now + timedelta(hours=service.lead_hours):
        return 0
    told = 0
    for row in (
        WaitingPatient.objects.filter(service=service.id, state="waiting").select_related("conversation").order_by("id")
    ):
        if told == TOLD_AT_ONCE or not wish_from(row.wish).fits(start, clinic.zone) or _has_earlier(row, start):
            continue
        row.state, row.offered_start = "offered", start
        row.save(update_fields=["state", "offered_start"])
        _send(row, "free_now", start)
        told += 1
    return told


def open_offer(conversation: Conversation) -> WaitingPatient | None:
    """Return the offer that a patient's "yes" would take, if there is one."""
    return (WaitingPatient.objects.filter(conversation=conversation, state="offered", offered_start__isnull=False)
            .order_by("-id").first())


def take(row: WaitingPatient, now: datetime) -> Appointment:
    """Give the freed time to who takes it first; raises `SlotTaken` for everyone after, who stay on the list."""
    from bot.records.visit_steps import book_visit, move_visit  # these call us when a time gets free

    clinic = get_settings().clinic
    service, start = clinic.service(row.service), row.offered_start
    slot = offers.slot_at(clinic, service, start, now, row.conversation) if start else None
    try:
        if slot is None:
            raise SlotTaken
        with transaction.atomic():
            current = appointments.booked(row.conversation)
            if current is not None:
                move_visit(clinic, current, slot, chat=False)
                visit = current
            else:
                visit = book_visit(clinic, row.conversation, service, slot, row.first_name, row.contact, row.language)
            WaitingPatient.objects.filter(pk=row.pk).update(state="booked")
    except SlotTaken:
        WaitingPatient.objects.filter(pk=row.pk, state="offered").update(state="waiting", offered_start=None)
        raise
    _tell_the_others(service, visit.start)
    return visit


def expire(now: datetime) -> None:
    """Let offers that nobody answered lapse; who got them keeps waiting."""
    WaitingPatient.objects.filter(state="offered", offered_start__lt=now).update(state="waiting", offered_start=None)


def _tell_the_others(service: Service, start: datetime) -> None:
    for row in WaitingPatient.objects.filter(service=service.id, state="offered", offered_start=start).select_related(
        "conversation"
    ):
        _send(row, "free_gone", start)
        row.state, row.offered_start = "waiting", None
        row.save(update_fields=["state", "offered_start"])


def _send(row: WaitingPatient, key: str, start: datetime) -> None:
    clinic = get_settings().clinic
    text = say(key, row.language, clinic=clinic.neutral_name, when=in_words(start, clinic.zone, row.language),
               link=waiting_link_of(row))
    name = f"waiting:{row.pk}:{key}:{start:%Y%m%d%H%M}"
    now = datetime.now(start.tzinfo)
    write_in_chat(row.conversation, text, name)
    if "@" in row.contact:
        queue_email(
            row.contact,
            say("confirm_email_subject", row.language, clinic=clinic.neutral_name),
            text,
            name,
            now,
            row.conversation,
        )
    elif row.contact != row.conversation.phone:
        queue_sms(row.contact, text, name, now, row.conversation)


def _has_earlier(row: WaitingPatient, start: datetime) -> bool:
    """Return whether someone has a visit already that is no later than the freed time."""
    visit = appointments.booked(row.conversation)
    return visit is not None and visit.start <= start
