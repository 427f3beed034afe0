"""`POST /api/signs`: the widget says that the patient is typing, or tapped a help line."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from bot.channels.limits import allowed
from bot.channels.refusals import Refused, api
from bot.channels.service import get_gateway
from bot.channels.web import body_of, conversation_of
from bot.records import signs

_LINE = re.compile(r"(?:tel|sms):\+?[0-9,]{3,18}")


@api("POST")
async def take(request: HttpRequest) -> HttpResponse:
    """Keep a sign; typing only while a person of the clinic has the chat, since nobody else would see it."""
    if not allowed(request, "signs", per_minute=120):
        raise Refused(429, "too_many", Retry_After="10")
    conversation, body, now = await conversation_of(request), body_of(request), timezone.now()
    in_thread = get_gateway().in_thread
    tapped = body.get("tapped")
    if isinstance(tapped, str) and _LINE.fullmatch(tapped):
        await in_thread(signs.note_tap, conversation.pk, tapped, now)
    elif body.get("typing") is True:
        if conversation.owner_id is not None:
            await in_thread(signs.note_typing, conversation.pk, "patient", now)
    else:
        raise Refused(400, "json")
    return HttpResponse(status=204)
