"""The widget's calls."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable, Coroutine
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from bot.channels import metrics, notices, tokens
from bot.channels.gateway import Erased, Inbound
from bot.channels.limits import allowed
from bot.channels.render import as_json, resolve_choice
from bot.channels.service import get_gateway
from bot.channels.text import MAX_CHARS
from bot.records import store
from bot.records.erase import erase
from bot.records.models import Conversation
from bot.settings import get_settings

log = logging.getLogger(__name__)
MAX_BODY = 16 * 1024
SORRY = ("Something went wrong here, and your message may not have arrived. In an emergency call 911; in a crisis "
         "call or text 988.")
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Refused(Exception):
    """A request that cannot be served, with words that a patient can read."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


ENDED = Refused(401, "token", "This chat has ended. Please start a new one.")
View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def api(view: View) -> View:
    """Turn refusals into the contract's error shape and keep answers out of every cache."""
    async def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase
        try:
            response = HttpResponse(status=204) if request.method == "OPTIONS" else await view(request, *args, **kwargs)
        except Refused as refused:
            metrics.REFUSED.labels("web", refused.code).inc()
            response = JsonResponse({"error": {"code": refused.code, "message": refused.message}},
                                    status=refused.status)
        except Exception as error:
            # Only the kind of error is logged: its text may quote the patient.
            log.error("A call failed: %s", type(error).__name__)
            metrics.FAULTS.labels("web").inc()
            response = JsonResponse({"error": {"code": "fault", "message": SORRY}}, status=500)
        allow_site(request, response)
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return csrf_exempt(handle)


def allow_site(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the clinic's own site call from its pages, and no other; there are no cookies to lend."""
    origin = request.headers.get("Origin")
    if origin and origin in get_settings().clinic.sites:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
        response["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Last-Event-ID"
        response["Access-Control-Expose-Headers"] = "Retry-After"
        response["Access-Control-Max-Age"] = "600"
    response["Vary"] = "Origin"


@api
async def conversations(request: HttpRequest) -> HttpResponse:
    """Open a conversation, or end and erase it."""
    if request.method == "DELETE":
        conversation = await conversation_of(request)
        kept = await get_gateway().in_thread(erase, conversation)
        return JsonResponse({"erased": True, "kept": kept, "message": notices.erased_text(kept)})
    if request.method != "POST":
        raise Refused(405, "method", "This address takes POST and DELETE.")
    if not allowed(request, "open", per_minute=120):
        raise Refused(429, "too_many", "Too many chats were opened from here. Please wait a minute.")
    body = _body(request)
    language = "es" if str(body.get("language", "")).startswith("es") else "en"
    gateway, zone = get_gateway(), _zone(body.get("time_zone"))

    def open_with_notice() -> tuple[Conversation, list[Any]]:
        conversation = store.open_conversation("web", language=language)
        if zone:
            store.touch(conversation, time_zone=zone)
        greeting = notices.greeting(gateway.replies, conversation, gateway.clinic, timezone.now())
        return conversation, store.record_replies(None, conversation, [greeting])

    conversation, rows = await gateway.in_thread(open_with_notice)
    return JsonResponse({"conversation": tokens.issue(conversation), "messages": [as_json(row) for row in rows]},
                        status=201)


@api
async def messages(request: HttpRequest) -> HttpResponse:
    """Take a message and return it with its replies, or return what came since an id."""
    gateway = get_gateway()
    if request.method == "GET":
        conversation = await conversation_of(request)
        after = request.GET.get("after", "0")
        if not after.isdigit() or len(after) > 18:
            raise Refused(400, "bad_id", "That place in the chat is not known.")
        rows = await gateway.in_thread(store.messages_after, conversation, int(after))
        return JsonResponse({"messages": [as_json(row) for row in rows]})
    if request.method != "POST":
        raise Refused(405, "method", "This address takes GET and POST.")
    started = time.perf_counter()
    inbound = await _inbound(Conversation(pk=_token(request), channel="web"), _body(request))
    try:
        # A line that breaks ends the request, not the work on the message.
        outcome = await asyncio.shield(asyncio.ensure_future(gateway.receive(inbound)))
    except Erased:
        raise ENDED from None
    rows = ([outcome.message] if outcome.message else []) + outcome.replies
    kind = outcome.replies[0].kind if outcome.replies else "none"
    seconds = time.perf_counter() - started
    metrics.LATENCY.labels("web", kind).observe(seconds)
    log.info("answered", extra={"channel": "web", "case": inbound.conversation.case, "kind": kind,
                                "ms": round(1000 * seconds, 1)})
    body: dict[str, Any] = {"messages": [as_json(row) for row in rows]}
    if not outcome.kept:  # it is nowhere yet: the widget shows the answer and sends the message again
        body["kept"] = False
    return JsonResponse(body)


async def _inbound(conversation: Conversation, body: dict[str, Any]) -> Inbound:
    client_id = body.get("client_id")
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise Refused(400, "client_id", "The message has no usable client_id.")
    dedup = f"web:{conversation.pk}:{client_id}"
    if "choice" in body:
        choice = await get_gateway().in_thread(resolve_choice, conversation.pk, str(body["choice"])[:40])
        if choice is None:
            raise Refused(404, "choice", "That button is no longer there. Please type your answer.")
        return Inbound(conversation, dedup, client_id, choice["label"], choice)
    text = body.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refused(400, "empty", "There was no text in the message.")
    if len(text) > MAX_CHARS:
        raise Refused(413, "too_long", f"Please keep a message under {MAX_CHARS} characters. "
                                       "In an emergency call 911; in a crisis call or text 988.")
    return Inbound(conversation, dedup, client_id, text)


async def conversation_of(request: HttpRequest) -> Conversation:
    """Return the conversation that the request's token speaks for."""
    rows = Conversation.objects.filter(pk=_token(request), channel="web", erased_at=None)
    found = await get_gateway().in_thread(rows.first)
    if found is None:
        raise ENDED
    return found


def _zone(name: Any) -> str:
    """Return a patient's time zone where the browser names one that there is and that is not the clinic's."""
    try:
        known = isinstance(name, str) and len(name) <= 40 and ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return str(known) if known and known != get_settings().clinic.time_zone else ""


def _token(request: HttpRequest) -> int:
    """Return the key of the conversation that the request's token speaks for."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise tokens.BadToken
        return tokens.conversation_id(token.strip())
    except tokens.BadToken:
        raise ENDED from None


def _body(request: HttpRequest) -> dict[str, Any]:
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY or len(request.body) > MAX_BODY:
        raise Refused(413, "too_long", "The message is too long. In an emergency call 911; in a crisis call "
                                       "or text 988.")
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise Refused(400, "json", "The message could not be read.") from None
    if not isinstance(body, dict):
        raise Refused(400, "json", "The message could not be read.")
    return body
