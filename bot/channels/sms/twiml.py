"""Replies as TwiML, each with the address to which its delivery is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from twilio.twiml.messaging_response import MessagingResponse

from bot.records.carrier import callback_url
from bot.records.models import Message, Outbox
from bot.records.texts import parts
from bot.settings import get_settings


@dataclass(frozen=True)
class Text:
    """One text to send, and the outbox row that it is; None for what is not followed up."""

    body: str
    row: int | None = None


def texts(messages: Sequence[Message]) -> list[Text]:
    """Return the texts to send now, as they stand in the outbox: of each message at most two segments."""
    keys = [message.pk for message in messages if message.pk]
    queued = Outbox.objects.filter(message__in=keys).values_list("message_id", "body", "id") if keys else ()
    rows = {message: Text(body, row) for message, body, row in queued}
    return [rows.get(message.pk) or Text(parts(message)[0]) for message in messages]


def unsaved(messages: Sequence[Message]) -> list[Text]:
    """Return texts of messages that are on no record, without asking the database."""
    return [Text(parts(message)[0]) for message in messages]


def response(bodies: Sequence[Text]) -> HttpResponse:
    """Return TwiML that sends these texts; with none, TwiML that sends nothing."""
    twiml, env = MessagingResponse(), get_settings().env
    for text in bodies:
        follow = {"status_callback": callback_url(env, text.row)} if text.row else {}
        twiml.message(text.body, **follow)
    return HttpResponse(str(twiml), content_type="text/xml")
