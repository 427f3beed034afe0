"""Reviewed texts as Rasa's messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.dialogue.shared import help_phrases, replies
from bot.dialogue.spanish import SPANISH, person_when
from bot.screening.replies import ReplyContext
from bot.settings import Clinic, get_settings

THEN = "then"  # messages that come behind this one
OFFERS = {
    "booking": {"title": "Book a consultation", "payload": "/book_consultation"},
    "handoff": {"title": "Talk to a person", "payload": "/talk_to_person"},
}


def answer_message(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with its sources, and its offers and next questions as buttons."""
    buttons = [OFFERS[offer] for offer in dict.fromkeys(answer["offers"]) if offer in OFFERS]
    buttons += [{"title": question, "payload": question} for question in answer["suggestions"][:3]]
    message = {"text": answer["text"], "kind": answer["kind"], "topic": answer["topic"],
               "caveats": list(answer["caveats"]), "sources": list(answer["sources"]), "buttons": buttons,
               "memory": answer["memory"]}
    if answer["kind"] == "crisis":
        message["resources"] = crisis_message(answer)["resources"]
    elif "K-CRISIS" in answer["caveats"]:
        message["resources"] = informational_message()["resources"]
    return message


def together(messages: list[dict[str, Any]], apart: bool) -> dict[str, Any]:
    """Return several messages as one: the others behind the first, or, not `apart`, all in one text."""
    first, *others = messages
    if not others:
        return first
    if apart:
        return {**first, THEN: others}
    joined = {name: [each for message in messages for each in message.get(name) or ()]
              for name in ("caveats", "sources", "buttons", "resources")}
    return {**first, **{name: value for name, value in joined.items() if value},
            "text": "\n".join(message["text"] for message in messages),
            "memory": next((message["memory"] for message in reversed(messages) if message.get("memory")), None)}


def crisis_message(screening: dict[str, Any]) -> dict[str, Any]:
    """Return the fixed reply to a verdict."""
    clinic, now = get_settings().clinic, datetime.now(UTC)
    reply = replies().crisis(
        tier=screening.get("tier", "crisis"), category=screening.get("category", "suicide"),
        subject=screening.get("subject", "self"), language="en", channel="web",
        context=_context(clinic, now), turn=0)
    resources = [{"label": resource.label, "href": resource.href} for resource in reply.resources]
    return {"text": reply.text, "kind": "crisis", "resources": resources}


def _context(clinic: Clinic, now: datetime) -> ReplyContext:
    return ReplyContext(clinic=clinic.clinic, phone=clinic.phone, on_call_phone=clinic.on_call_phone,
                        country=clinic.country, open_now=clinic.is_open(now), opens=clinic.opens(now))


def fill(text: str, language: str = "en") -> str:
    """Put this clinic's facts into a text, and say truthfully when a person reads."""
    clinic = get_settings().clinic
    when = _person_when(clinic, datetime.now(UTC), language)
    for name, value in {**help_phrases(language), **clinic.known_facts(), "person_when": when}.items():
        text = text.replace("{" + name + "}", value)
    return text


def _person_when(clinic: Clinic, now: datetime, language: str) -> str:
    is_open, opens = clinic.is_open(now), clinic.opens(now)
    if language == SPANISH:
        return person_when(is_open, opens, dict(replies().books[SPANISH].opens_words))
    if is_open:
        return "The clinic is open now, and someone will answer here as soon as they can."
    if opens:
        return f"The clinic is closed now and opens {opens}; nobody reads this before then."
    return "The clinic is closed now."


def informational_message() -> dict[str, Any]:
    """Return the fixed answer to a question about suicide that was asked for information only."""
    clinic, now = get_settings().clinic, datetime.now(UTC)
    reply = replies().move("", reply_name="ketamine_question", language="en", channel="web",
                           context=_context(clinic, now))
    resources = [{"label": resource.label, "href": resource.href} for resource in reply.resources]
    return {"text": reply.text, "kind": "answer", "resources": resources, "caveats": ["K-CRISIS"]}
