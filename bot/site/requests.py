"""Gives every request an id, which its lines in the logs of all processes carry, and its answer the headers of all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from bot import logs
from bot.settings import get_settings
from bot.site.headers import with_defaults

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
_HEADER = b"x-request-id"


def with_request(application: Any) -> Any:
    """Return the application with an id a request: the proxy's, when it is one, or a new one."""
    https = get_settings().env.public_url.startswith("https://")

    async def handle(scope: Message, receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == _HEADER), b"")
        request = (logs.bind(given.decode("latin-1")) or logs.bind(logs.new_request())).encode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*with_defaults(message.get("headers", ()), https), (_HEADER, request)]
            await send(message)

        await application(scope, receive, send_with_id)

    return handle
