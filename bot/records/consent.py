"""Does a phone want our texts?"""

from __future__ import annotations

from bot.records.models import PhoneConsent

WORDING = "2026-11-22"


def wants_texts(phone: str) -> bool:
    """Return whether the phone's newest word on it was not to be left alone."""
    latest = PhoneConsent.objects.filter(phone=phone).order_by("-id").first()
    return latest is None or latest.consents


def agreed_by_booking(phone: str) -> None:
    """Keep that a phone was given for a visit's confirmation and reminders, after being told what it is for."""
    if not PhoneConsent.objects.filter(phone=phone).exists():
        PhoneConsent.objects.create(phone=phone, consents=True, source="booking", wording_version=WORDING)
