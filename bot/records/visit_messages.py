"""What a patient is sent about a visit: in the chat they used, by text or by e-mail with a calendar entry."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from bot.records import news
from bot.records.models import Appointment, Conversation, Message, Outbox
from bot.records.texts import queue_clinic_text, without_treatment
from bot.records.visit_links import link_of
from bot.scheduling.choosing import in_words
from bot.scheduling.invitation import Visit, as_ics
from bot.scheduling.texts import say
from bot.settings import Clinic, get_settings


def when_of(visit: Appointment, start: datetime | None = None) -> str:
    """Return a visit's start (or another) in words, in the patient's language and zone."""
    return in_words(start or visit.start, get_settings().clinic.zone, visit.language, own_zone(visit))


def own_zone(visit: Appointment) -> ZoneInfo | None:
    """Return the patient's own zone where it is known."""
    try:
        return ZoneInfo(visit.time_zone) if visit.time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def values_of(visit: Appointment) -> dict[str, str]:
    """Return what the texts about a visit name."""
    clinic = get_settings().clinic
    local = visit.start.astimezone(clinic.zone)
    return {
        "clinic": clinic.neutral_name,
        "name": visit.first_name,
        "when": when_of(visit),
        "phone": clinic.phone,
        "address": clinic.address,
        "link": link_of(visit),
        "day": f"{local:%m/%d}" if visit.language == "en" else f"{local:%d/%m}",
        "service": clinic.service(visit.service).name_in(visit.language),
    }


def invitation_of(visit: Appointment, method: str | None) -> str:
    """Return a visit as the patient's calendar entry."""
    return as_ics([patient_entry(visit)], get_settings().clinic.zone, timezone.now(), method)


def patient_entry(visit: Appointment) -> Visit:
    """Return what the patient's own calendar is told."""
    clinic: Clinic = get_settings().clinic
    values = values_of(visit)
    return Visit(
        uid=f"{visit.uid}@visits", sequence=visit.sequence, start=visit.start, end=visit.end,
        title=say("ics_title", visit.language, **values), description=say("ics_text", visit.language, **values),
        location=clinic.address, url=values["link"], cancelled=visit.state == "cancelled",
        organizer=clinic.email, organizer_name=clinic.neutral_name,
        attendee=visit.contact if "@" in visit.contact else None)


def tell(visit: Appointment, what: str, chat: bool = True) -> None:
    """Send word of a visit that was confirmed, moved or cancelled; without `chat` the chat has said it already."""
    now = timezone.now()
    key = f"visit:{visit.pk}:{visit.sequence}:{what}"
    values = values_of(visit)
    if chat and visit.conversation:
        write_in_chat(visit.conversation, say(f"{what}_sms", visit.language, **values), key)
    if "@" in visit.contact:
        method = "CANCEL" if what == "cancelled" else "REQUEST"
        queue_email(visit.contact, say(f"{what}_email_subject", visit.language, **values),
                    say(f"{what}_email", visit.language, **values), key, now, visit.conversation,
                    invitation_of(visit, method))
    elif visit.contact and not (visit.conversation and visit.conversation.phone == visit.contact):
        # on the same phone the chat itself is the text
        queue_sms(visit.contact, say(f"{what}_sms", visit.language, **values), key, now, visit.conversation,
                  asked_for=not chat)


def write_in_chat(conversation: Conversation, text: str, key: str, when: datetime | None = None,
                  until: datetime | None = None) -> None:
    """Write a message into the chat; by text message, too, when the chat is one of texts and it can come in time."""
    if conversation.erased_at is not None:
        return
    Message.objects.create(conversation=conversation, sender=Message.Sender.BOT, kind="booking", text=text)
    news.tell(conversation.pk)
    if conversation.channel == "sms" and conversation.phone:
        queue_sms(conversation.phone, text, f"{key}:chat", when or timezone.now(), conversation, until=until)


def queue_sms(phone: str, text: str, key: str, when: datetime, conversation: Conversation | None,
              asked_for: bool = False, until: datetime | None = None) -> None:
    """Queue a text, unless the phone wants none; at night only when the patient has just asked for it."""
    queue_clinic_text(phone, without_treatment(text), key[:120], conversation, when, asked_for, until)


def queue_email(to: str, subject: str, text: str, key: str, when: datetime, conversation: Conversation | None,
                attachment: str = "") -> None:
    """Queue an e-mail, with a calendar entry where there is one."""
    Outbox.objects.bulk_create([Outbox(kind="email", to=to, subject=subject, body=text, key=key[:120], not_before=when,
                                       conversation=conversation, attachment=attachment)], ignore_conflicts=True)
