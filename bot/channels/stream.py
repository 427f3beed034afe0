"""`GET /api/events`: what a person or a reminder says while the patient waits."""

from __future__ import annotations

import re

from django.http import HttpRequest, StreamingHttpResponse

from bot.channels.events import hub
from bot.channels.refusals import Refused, api
from bot.channels.web import conversation_of

MOST_STREAMS = 20  # of one conversation; a browser that is refused one asks every few seconds instead


@api("GET")
async def events(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the new messages of the token's conversation, those after `Last-Event-ID` first."""
    conversation = await conversation_of(request)
    after = request.headers.get("Last-Event-ID", "")
    if after and not re.fullmatch(r"[0-9]{1,18}", after):
        raise Refused(400, "bad_id")
    if hub.listening(conversation.pk) >= MOST_STREAMS:
        raise Refused(429, "too_many", Retry_After="30")
    stream = hub.listen(conversation.pk, int(after) if after else None)
    response = StreamingHttpResponse(stream, content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"  # a proxy in front must not collect the stream
    return response
