"""Reviewed texts as Rasa's messages."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from bot.dialogue.shared import replies
from bot.screening.replies import ReplyContext
from bot.settings import get_settings

OFFERS = {
    "booking": {"title": "Book a consultation", "payload": "/book_consultation"},
    "handoff": {"title": "Talk to a person", "payload": "/talk_to_person"},
}


def answer_message(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with its sources, and its offers and next questions as buttons."""
    buttons = [OFFERS[offer] for offer in answer["offers"] if offer in OFFERS]
    buttons += [{"title": question, "payload": question} for question in answer["suggestions"][:3]]
    return {"text": answer["text"], "kind": answer["kind"], "topic": answer["topic"],
            "caveats": list(answer["caveats"]), "sources": list(answer["sources"]), "buttons": buttons}


def crisis_message(screening: dict[str, Any]) -> dict[str, Any]:
    """Return the fixed reply to a verdict."""
    clinic, now = get_settings().clinic, timezone.now()
    reply = replies().crisis(
        tier=screening.get("tier", "crisis"), category=screening.get("category", "suicide"),
        subject=screening.get("subject", "self"), language="en", channel="web",
        context=ReplyContext(clinic=clinic.clinic, phone=clinic.phone, on_call_phone=clinic.on_call_phone,
                             country=clinic.country, open_now=clinic.is_open(now), opens=clinic.opens(now)),
        turn=0)
    resources = [{"label": resource.label, "href": resource.href} for resource in reply.resources]
    return {"text": reply.text, "kind": "crisis", "resources": resources}


def fill(text: str) -> str:
    """Put this clinic's facts into a text, and say truthfully when a person reads."""
    clinic = get_settings().clinic
    now = timezone.now()
    opens = clinic.opens(now)
    if clinic.is_open(now):
        when = "The clinic is open now, and someone will answer here as soon as they can."
    elif opens:
        when = f"The clinic is closed now and opens {opens}; nobody reads this before then."
    else:
        when = "The clinic is closed now."
    for name, value in {**clinic.known_facts(), "person_when": when}.items():
        text = text.replace("{" + name + "}", value)
    return text
