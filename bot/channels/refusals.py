"""Around every call of the widget: who may call, and how it is told that something did not work.

No cookie, no session and no stored password goes with these calls, so another site has nothing to borrow: whoever
wants to speak for a conversation must hold its token, which only the page that opened it has. That is why there is
no CSRF token here. What another site's page could still do is open empty chats from its visitors' browsers, so a
call that names a foreign origin is turned away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from bot.channels import metrics
from bot.channels.wording import say
from bot.settings import get_settings

log = logging.getLogger(__name__)
View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
METHODS = "GET, POST, DELETE"


class Refused(Exception):
    """A request that cannot be served; `code` names the words for it in `data/web/texts.yml`."""

    def __init__(self, status: int, code: str, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def api(*methods: str) -> Callable[[View], View]:
    """Let only these methods and the clinic's own pages through, and answer every failure in the contract's shape."""
    def around(view: View) -> View:
        async def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                response = await _served(view, methods, request, *args, **kwargs)
            except Refused as refused:
                metrics.REFUSED.labels("web", refused.code).inc()
                response = error(request, refused.status, refused.code, refused.headers)
            except Exception as fault:
                # Only the kind of error is logged: its text may quote the patient.
                log.error("A call failed: %s", type(fault).__name__)
                metrics.FAULTS.labels("web").inc()
                response = error(request, 500, "fault")
            return _dressed(request, response)

        return csrf_exempt(handle)

    return around


async def _served(view: View, methods: tuple[str, ...], request: HttpRequest, *args: Any,
                  **kwargs: Any) -> HttpResponseBase:
    if request.method == "OPTIONS":
        return HttpResponse(status=204)
    if not is_welcome(request):
        raise Refused(403, "origin")
    if methods and request.method not in methods:
        raise Refused(405, "method", Allow=", ".join(methods))
    return await view(request, *args, **kwargs)


def error(request: HttpRequest, status: int, code: str, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return an error in the contract's shape, in the words of the page's language."""
    return JsonResponse({"error": {"code": code, "message": say(code, language_of(request))}}, status=status,
                        headers=headers)


def language_of(request: HttpRequest) -> str:
    """Return the language that the page speaks."""
    return "es" if request.headers.get("Accept-Language", "").lower().startswith("es") else "en"


def is_welcome(request: HttpRequest) -> bool:
    """Return whether a call comes from the clinic's pages, our own, or no page at all."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    settings = get_settings()
    ours = origin == settings.env.public_url or origin.partition("://")[2] == request.headers.get("Host")
    return ours or origin in settings.clinic.sites


def _dressed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Keep answers out of every cache, and let the clinic's own site read them and no other."""
    origin = request.headers.get("Origin")
    if origin and origin in get_settings().clinic.sites:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Methods"] = METHODS
        response["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Last-Event-ID"
        response["Access-Control-Expose-Headers"] = "Retry-After"
        response["Access-Control-Max-Age"] = "600"
    response["Vary"] = "Origin, Accept-Language"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    return response


@api()
async def nothing_here(request: HttpRequest) -> HttpResponse:
    """Say as JSON that an address of the API does not exist."""
    raise Refused(404, "not_found")
