"""Messages as text messages: cut to size, and queued in the transaction that writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from bot.gsm7 import MORE, MORE_IN, fold, split_for_sms
from bot.records import opt_outs, rows
from bot.records.models import Conversation, Message, Outbox
from bot.records.phones import e164
from bot.records.quiet import allowed_from
from bot.settings import get_settings

# A reply is handed over in the answer to the webhook. If nobody confirms that within this time,
# the worker asks the carrier and sends it if it has to.
HANDED_OVER = timedelta(seconds=30)
# After this long without a word of the patient, a text is no reply any more.
REPLY_WITHIN = timedelta(hours=24)
# Kinds whose buttons are worth a line each; under an answer they would only make it longer.
_WITH_LIST = ("booking", "abstain", "refer", "clinic", "handoff", "out_of_scope", "small_talk")
_TREATMENT = re.compile(r"[ck]etam|spravato", re.IGNORECASE)
_TREATMENT_WORD = re.compile(r"\b\w*(?:[ck]etam|spravato)\w*[ -]?", re.IGNORECASE)


class NamesTreatment(ValueError):
    """A text that the clinic would start names the treatment; others may see the phone."""


def parts(message: Message) -> list[str]:
    """Return a message as texts of at most two segments; all but the last end with how to get the next."""
    listed = [f"{number}) {choice['label']}" for number, choice in enumerate(listed_choices(message), 1)]
    more = MORE_IN.get(message.conversation.language, MORE)
    return split_for_sms("\n".join([message.text, *listed]), more=more)


def listed_choices(message: Message) -> list[dict[str, str]]:
    """Return the choices that a text shows as a numbered list."""
    return list(message.extra.get("choices", [])) if message.kind in _WITH_LIST else []


def queue_replies(conversation: Conversation, messages: Sequence[Message]) -> list[Outbox]:
    """Queue the replies to a text; call it in the transaction that writes them.

    The webhook's answer usually carries them, so they wait, and are looked for before they are sent.
    """
    if conversation.channel != "sms" or not conversation.phone:
        return []
    later = timezone.now() + HANDED_OVER
    queued = [_row(conversation, message, parts(message)[:1], not_before=later, unsure=True) for message in messages]
    return [row for group in queued for row in group]


def queue_staff_text(conversation: Conversation, message: Message) -> None:
    """Queue what a person of the clinic says, now; long after the patient's last word it is no reply any more."""
    if conversation.channel == "sms" and conversation.phone:
        _row(conversation, message, parts(message)[:1], clinic_started=not _is_reply(conversation))


def queue_clinic_text(phone: str, text: str, key: str, conversation: Conversation | None = None,
                      when: datetime | None = None, asked_for: bool = False, until: datetime | None = None) -> bool:
    """Queue a text that the clinic starts (a reminder, say) unless the phone opted out; returns whether it did.

    It waits for the end of quiet hours where the phone is at home, unless the patient has just `asked_for` it;
    what could only come after `until` is not sent at all. Raises `NamesTreatment`.
    """
    clinic, now = get_settings().clinic, timezone.now()
    when = when or now
    text, phone = fold(text), e164(phone, clinic.country)
    if names_treatment(text):
        raise NamesTreatment(key)
    too_late = until is not None and not asked_for and allowed_from(phone, clinic, when) >= until
    if too_late or opt_outs.opted_out(phone):
        return False
    row = Outbox(kind=Outbox.Kind.SMS, to=phone, body=split_for_sms(text)[0], key=key, conversation=conversation,
                 clinic_started=not asked_for, not_before=when, created_at=now)
    Outbox.objects.bulk_create([row], ignore_conflicts=True)
    return True


def without_treatment(text: str) -> str:
    """Return a text without the treatment's name, which a service or an address may bring into it."""
    return re.sub(r"\s{2,}", " ", _TREATMENT_WORD.sub("", text)).strip()


def names_treatment(text: str) -> bool:
    """Return whether a text names the treatment."""
    return _TREATMENT.search(text) is not None


def send_now(messages: Sequence[Message]) -> None:
    """Let the worker send replies that came too late for the webhook's answer."""
    Outbox.objects.filter(message__in=messages, state=Outbox.State.QUEUED, provider_id="").update(
        not_before=timezone.now(), unsure=False)


def _is_reply(conversation: Conversation) -> bool:
    return conversation.messages.filter(
        sender=Message.Sender.PATIENT, at__gt=timezone.now() - REPLY_WITHIN).exists()


def _row(conversation: Conversation, message: Message, texts: Sequence[str], **fields: object) -> list[Outbox]:
    made = []
    for number, text in enumerate(texts):
        row = Outbox(kind=Outbox.Kind.SMS, to=conversation.phone or "", body=text, conversation=conversation,
                     message=message, key=f"message:{message.pk}:{number}", **fields)
        if rows.insert_once(row):  # else the message's twin was answered, and its reply is queued
            made.append(row)
    return made
