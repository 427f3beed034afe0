"""The signed address at which a patient sees, changes or cancels one visit. It holds a number and no word."""

from __future__ import annotations

from django.core.signing import BadSignature, Signer

from bot.records.models import Appointment, WaitingPatient
from bot.settings import get_settings

_VISIT, _WAITING = Signer(salt="visit"), Signer(salt="waiting")


def link_of(visit: Appointment) -> str:
    """Return a visit's address."""
    return f"{get_settings().env.public_url}/v/{_VISIT.sign(str(visit.pk))}"


def visit_of(token: str) -> Appointment | None:
    """Return the visit that a token is for, or None when it was not signed here."""
    number = _number(_VISIT, token)
    return Appointment.objects.select_related("conversation").filter(pk=number).first() if number else None


def waiting_link_of(waiting: WaitingPatient) -> str:
    """Return the address at which someone on the waiting list takes the time that became free."""
    return f"{get_settings().env.public_url}/w/{_WAITING.sign(str(waiting.pk))}"


def waiting_of(token: str) -> WaitingPatient | None:
    """Return whose place on the waiting list a token is for, or None when it was not signed here."""
    number = _number(_WAITING, token)
    return WaitingPatient.objects.select_related("conversation").filter(pk=number).first() if number else None


def _number(signer: Signer, token: str) -> int | None:
    try:
        text = signer.unsign(token)
    except BadSignature:
        return None
    return int(text) if text.isdigit() else None
