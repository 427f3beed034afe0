"""What a person who takes an alert must know at a glance: the words, how to reach the patient, what happened since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from django.utils.translation import gettext as _

from bot.desk import masking
from bot.desk.personal import find_details
from bot.desk.transcript import shown_text
from bot.records.models import Alert, ContactRequest, Conversation, Message, Tap, Tier, Verdict
from bot.records.quiet import zones_of
from bot.settings import Clinic

LOOKED_AT = 200  # messages, the newest
SHOWN = 5  # ways to reach somebody
HELP = {"911": "911", "988": "988", "741741": "741741", "18002221222": _("Poison Control")}


@dataclass(frozen=True)
class Facts:
    """Everything is masked unless it was revealed; `reach` is (what is shown, link or nothing)."""

    said: str
    reach: list[tuple[str, str]]
    call_back: datetime | None
    age: str
    place: str
    tiers: list[tuple[datetime, str, str]]
    shown: list[datetime]
    taps: list[tuple[datetime, str]]


def read_facts(conversation: Conversation, alerts: list[Alert], revealed: bool, clinic: Clinic) -> Facts:
    """Return the facts of a conversation with alerts."""
    said = next((alert.message for alert in alerts if alert.message is not None), None)
    verdicts = list(Verdict.objects.filter(message__conversation=conversation).exclude(tier=Tier.NONE)
                    .order_by("message").values_list("message__at", "tier", "category", "subject")[:LOOKED_AT])
    wish = ContactRequest.objects.filter(conversation=conversation).order_by("-id").first()
    return Facts(
        said=shown_text(said, frozenset(), revealed)[:400] if said else "",
        reach=_reach(conversation, revealed, clinic.country), call_back=wish.created_at if wish else None,
        age=_("under 18, as they say") if any(row[3] == "minor" for row in verdicts) else "",
        place=_place(conversation, clinic), tiers=_steps([row[:3] for row in verdicts]),
        shown=list(conversation.messages.filter(sender=Message.Sender.BOT, kind="crisis").order_by("id")
                   .values_list("at", flat=True)[:20]),
        taps=[(tap.at, _line(tap.line)) for tap in Tap.objects.filter(conversation=conversation).order_by("id")[:20]])


def _reach(conversation: Conversation, revealed: bool, country: str) -> list[tuple[str, str]]:
    """Return the phones and e-mail addresses that the patient texted from, booked with, or wrote; the newest last."""
    found = [conversation.phone or ""]
    found += conversation.appointments.values_list("contact", flat=True)
    found += ContactRequest.objects.filter(conversation=conversation).values_list("contact", flat=True)
    said = conversation.messages.filter(sender=Message.Sender.PATIENT).order_by("-id").values_list("text", flat=True)
    for text in list(said[:LOOKED_AT])[::-1]:
        found += [text[detail.start:detail.end] for detail in find_details(text) if detail.kind in ("email", "number")]
    known = dict.fromkeys(read for contact in found if (read := _readable(contact, country)))
    show: Callable[[str], str] = (lambda text: text) if revealed else masking.mask_contact
    return [(show(contact), _link(contact) if revealed else "") for contact in known][:SHOWN]


def _readable(contact: str, country: str) -> str:
    """Return an e-mail address, or a phone as E.164; nothing for what is neither, such as a birthday."""
    if "@" in contact:
        return "" if contact.startswith("@") else contact.lower()
    try:
        number = phonenumbers.parse(contact, None if country == "INT" else country)
    except phonenumbers.NumberParseException:
        return ""
    whole = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if whole else ""


def _link(contact: str) -> str:
    return f"mailto:{contact}" if "@" in contact else f"tel:{contact}"


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _place(conversation: Conversation, clinic: Clinic) -> str:
    """Return the time zone that the patient's browser or phone number names, if it is not the clinic's."""
    if conversation.time_zone:
        return conversation.time_zone
    if conversation.phone and clinic.zone not in (zones := zones_of(conversation.phone, clinic)):
        return ", ".join(zone.key for zone in zones[:2])
    return ""


def _steps(rows: list[tuple[datetime, str, str]]) -> list[tuple[datetime, str, str]]:
    """Return the verdicts that differ from the one before: how the urgency went."""
    return [row for number, row in enumerate(rows) if number == 0 or row[1:] != rows[number - 1][1:]][:12]


def _line(line: str) -> str:
    kind, _colon, number = line.partition(":")
    name = str(HELP.get(_digits(number).removeprefix("+"), number))
    return _("call %(line)s") % {"line": name} if kind == "tel" else _("text %(line)s") % {"line": name}
