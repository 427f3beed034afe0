"""`GET /api/events`: what a person or a reminder says while the patient waits."""

from __future__ import annotations

from django.http import HttpRequest, StreamingHttpResponse

from bot.channels.events import hub
from bot.channels.web import api, conversation_of


@api
async def events(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the new messages of the token's conversation."""
    conversation = await conversation_of(request)
    response = StreamingHttpResponse(hub.listen(conversation.pk), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"  # a proxy in front must not collect the stream
    return response
