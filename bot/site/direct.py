"""The patients' and the carrier's calls, straight to their views.

Django's own handler watches the line in a second task, spools the body to a file, looks for
middleware and starts a thread: more than a crisis reply itself takes. These few views need none of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from io import BytesIO
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, HttpResponseBase

from bot.channels import web
from bot.channels.sms import webhooks

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

BODY_WITHIN = 20.0  # seconds; a phone on a bad line needs two
VIEWS = {"/api/conversations": web.conversations, "/api/messages": web.messages,
         "/sms/inbound": webhooks.inbound, "/sms/status": webhooks.status}
MAX_BODY = max(web.MAX_BODY, webhooks.MAX_BODY)


def direct(django: Any) -> Application:
    """Return an application that serves `VIEWS` itself and leaves everything else to `django`."""
    async def application(scope: Message, receive: Receive, send: Send) -> None:
        view = VIEWS.get(scope.get("path", "")) if scope["type"] == "http" else None
        if view is None or scope["method"] not in ("GET", "POST", "DELETE", "OPTIONS"):
            await django(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_WITHIN):
                body = await _body(receive)
        except TimeoutError:  # someone who sends a byte a second, to keep us waiting
            await _answer(HttpResponse(status=408, headers={"Connection": "close"}), send)
            return
        if body is not None:
            await _answer(await view(ASGIRequest(scope, BytesIO(body))), send)

    return application


async def _body(receive: Receive) -> bytes | None:
    """Return the body, no more of it than the views would read; None when the caller has gone."""
    parts: list[bytes] = []
    size = 0
    while size <= MAX_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body"):
            break
    return b"".join(parts)


async def _answer(response: HttpResponseBase, send: Send) -> None:
    content: bytes = response.content  # type: ignore[attr-defined] # none of the views streams
    headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
    headers.append((b"content-length", str(len(content)).encode("ascii")))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": content})
