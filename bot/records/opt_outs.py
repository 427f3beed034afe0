"""Who wants texts: each change is a row with its time, its source and the wording that the patient had."""

from __future__ import annotations

import hashlib

from bot.records.models import PhoneConsent


def latest(phone: str) -> PhoneConsent | None:
    """Return the phone's newest word on texts."""
    return PhoneConsent.objects.filter(phone=phone).order_by("-id").first() if phone else None


def opted_out(phone: str) -> bool:
    """Return whether the phone's newest word was to get no more texts."""
    row = latest(phone)
    return row is not None and not row.consents


def record_consent(phone: str, consents: bool, source: str, wording: str) -> PhoneConsent:
    """Keep a change of consent; `wording` names the text that the patient had (see `wording_version`)."""
    return PhoneConsent.objects.create(phone=phone, consents=consents, source=source, wording_version=wording)


def wording_version(key: str, text: str) -> str:
    """Return a name for exactly this wording of a text, such as `sms_stop.1f3a9c02`."""
    return f"{key}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"[:40]
