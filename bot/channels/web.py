"""The widget's calls."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from bot.channels import limits, metrics, notices, tokens
from bot.channels.inbound import Erased, Inbound
from bot.channels.refusals import Refused, api, language_of
from bot.channels.render import as_json, resolve_choice
from bot.channels.service import get_gateway
from bot.channels.text import MAX_CHARS
from bot.channels.wording import say
from bot.records import store
from bot.records.erase import erase
from bot.records.models import Conversation
from bot.settings import get_settings

log = logging.getLogger(__name__)
MAX_BODY = 16 * 1024
MOST_CHATS = 600  # that one address may open in a minute; well before that each has to wait
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_NUMBER = re.compile(r"[0-9]{1,18}")
ENDED = Refused(401, "token", WWW_Authenticate="Bearer")


@api("POST", "DELETE")
async def conversations(request: HttpRequest) -> HttpResponse:
    """Open a conversation, or end and erase it."""
    if request.method == "DELETE":
        conversation = await conversation_of(request)
        kept = await get_gateway().in_thread(erase, conversation)
        message = say("erased_kept" if kept else "erased", language_of(request))
        return JsonResponse({"erased": True, "kept": kept, "message": message})
    body = body_of(request)
    if body.get("channel", "web") != "web":
        raise Refused(400, "channel")
    if not limits.allowed(request, "open", MOST_CHATS):
        raise Refused(429, "too_many", Retry_After="30")
    await asyncio.sleep(limits.CHATS.wait(limits.address(request)))
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


@api("GET", "POST")
async def messages(request: HttpRequest) -> HttpResponse:
    """Take a message and return it with its replies, or return what came since an id."""
    gateway = get_gateway()
    if request.method == "GET":
        conversation = await conversation_of(request)
        after = request.GET.get("after", "0")
        if not _NUMBER.fullmatch(after):
            raise Refused(400, "bad_id")
        rows = await gateway.in_thread(store.messages_after, conversation, int(after))
        return JsonResponse({"messages": [as_json(row) for row in rows]})
    started = time.perf_counter()
    conversation = Conversation(pk=_token(request), channel="web")
    inbound = await _inbound(conversation, body_of(request), _delay(request, conversation.pk))
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


def _delay(request: HttpRequest, conversation: int) -> float:
    """Return the seconds that an ordinary answer waits; a crisis reply never does."""
    return max(limits.MESSAGES.wait(str(conversation)),
               limits.MESSAGES_OF_ADDRESS.wait(limits.address(request)))


async def _inbound(conversation: Conversation, body: dict[str, Any], delay: float) -> Inbound:
    client_id = body.get("client_id")
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise Refused(400, "client_id")
    dedup = f"web:{conversation.pk}:{client_id}"
    if "choice" in body:
        choice = await get_gateway().in_thread(resolve_choice, conversation.pk, str(body["choice"])[:40])
        if choice is None:
            raise Refused(404, "choice")
        return Inbound(conversation, dedup, client_id, choice["label"], choice, delay=delay)
    text = body.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refused(400, "empty")
    if len(text) > MAX_CHARS:
        raise Refused(413, "too_long")
    return Inbound(conversation, dedup, client_id, text, delay=delay)


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


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the call's JSON object, bounded and checked."""
    if len(request.body) > MAX_BODY:
        raise Refused(413, "too_long")
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):  # thousands of brackets exhaust the reader
        raise Refused(400, "json") from None
    if not isinstance(body, dict):
        raise Refused(400, "json")
    return body
