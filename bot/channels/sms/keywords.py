"""Words that carriers and patients use to leave, to come back and to ask for help."""

from __future__ import annotations

import re

from bot.records.models import PhoneConsent

WORDING = "2026-11-22"
STOP = frozenset("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT ALTO PARAR".split())
START = frozenset("START YES UNSTOP".split())
HELP = frozenset("HELP INFO AYUDA".split())
MORE = frozenset("MORE MAS MÁS".split())


def keyword(text: str, opted_out: bool) -> str | None:
    """Return STOP, START, HELP or MORE when the whole message is such a word, else None.

    YES is only a keyword for someone who opted out: to anyone else it is an answer.
    """
    word = re.sub(r"[\s.!¡-]+", "", text).upper()
    if word in STOP:
        return "STOP"
    if word in HELP:
        return "HELP"
    if word in MORE:
        return "MORE"
    return "START" if word in START and (opted_out or word != "YES") else None


def opted_out(phone: str) -> bool:
    """Return whether the phone's newest word on it was to get no more texts."""
    latest = PhoneConsent.objects.filter(phone=phone).order_by("-id").first()
    return latest is not None and not latest.consents


def record_consent(phone: str, consents: bool, source: str) -> None:
    """Keep a change of consent with its time, source and the version of the wording."""
    PhoneConsent.objects.create(phone=phone, consents=consents, source=source, wording_version=WORDING)
