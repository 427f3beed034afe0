"""Replies as TwiML, and as few and short texts as they fit in."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from twilio.twiml.messaging_response import MessagingResponse

from bot.gsm7 import fold, split_for_sms
from bot.records.models import Message


def texts(messages: Sequence[Message]) -> list[str]:
    """Return the texts to send now: of each message its first part of at most two segments."""
    return [parts(message)[0] for message in messages]


def parts(message: Message) -> list[str]:
    """Return a message cut into parts of at most two segments."""
    return split_for_sms(fold(_with_choices(message)))


def response(bodies: Sequence[str]) -> HttpResponse:
    """Return TwiML that sends these texts; with none, TwiML that sends nothing."""
    twiml = MessagingResponse()
    for body in bodies:
        twiml.message(body)
    return HttpResponse(str(twiml), content_type="text/xml")


def _with_choices(message: Message) -> str:
    """Return the text with its buttons as a numbered list, where an answer is needed to go on."""
    choices = message.extra.get("choices", []) if message.kind == "booking" else []
    lines = [f"{number}) {choice['label']}" for number, choice in enumerate(choices, 1)]
    return "\n".join([message.text, *lines])
