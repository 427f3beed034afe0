"""The demo page's phone: it texts over the stand-in for Twilio, as a real one would over Twilio."""

from __future__ import annotations

import json
import re
from typing import Any

import aiohttp
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from bot.channels.service import get_gateway
from bot.channels.sms.setup import opt_out_texts
from bot.settings import get_settings

MAX_BODY = 8 * 1024
# 555-0100 to 555-0199 belong to nobody; +1 500 555 are the numbers that make Twilio's errors.
_DEMO_NUMBER = re.compile(r"\+1(?:\d{3}55501\d{2}|500555\d{4})")


@csrf_exempt
async def send(request: HttpRequest) -> JsonResponse:
    """Send a text from a phone of the demonstration. Never with an account, never in public."""
    body = _body(request)
    if body is None:
        return _not_here()
    gateway = get_gateway()
    await _standin("/console", {
        "advanced_opt_out": opt_out_texts(gateway.replies, gateway.clinic, timezone.now())})
    answer = await _standin("/phone/text", {"from": body["from"], "text": str(body.get("text", ""))[:1600],
                                            "media": 1 if body.get("picture") else 0})
    return JsonResponse(answer, status=200 if answer.get("status") else 502)


@csrf_exempt
async def phone(request: HttpRequest) -> JsonResponse:
    """Return what is new on a phone of the demonstration."""
    body = _body(request)
    if body is None:
        return _not_here()
    after = body.get("after")
    return JsonResponse(await _standin("/phone/texts", {"phone": body["from"],
                                                        "after": after if isinstance(after, int) else 0}))


def _body(request: HttpRequest) -> dict[str, Any] | None:
    """Return the call's fields, or None when there is no demonstration or no phone of it."""
    if not get_settings().env.uses_standin or request.method != "POST" or len(request.body) > MAX_BODY:
        return None
    try:
        body = json.loads(request.body)
    except ValueError:
        return None
    known = isinstance(body, dict) and _DEMO_NUMBER.fullmatch(str(body.get("from", "")))
    return body if known else None


async def _standin(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the stand-in's answer, empty when it is not up."""
    try:
        async with aiohttp.ClientSession() as session, session.post(
                get_settings().env.standin_url + path, json=body, timeout=aiohttp.ClientTimeout(total=20)) as response:
            answer: dict[str, Any] = await response.json()
            return answer
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return {}


def _not_here() -> JsonResponse:
    return JsonResponse({"error": {"code": "not_here", "message": "Only the demonstration has this."}}, status=404)
