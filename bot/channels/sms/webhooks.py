"""Twilio's webhooks, and the demo page's phone."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from urllib.parse import urlencode
from xml.etree import ElementTree

import aiohttp
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from twilio.request_validator import RequestValidator

from bot.channels import metrics
from bot.channels.gateway import Inbound, Outcome
from bot.channels.service import get_gateway
from bot.channels.sms import twiml
from bot.channels.sms.keyword_replies import answer_keyword
from bot.channels.sms.signature import signed_params
from bot.records import store
from bot.records.models import Conversation, Outbox
from bot.settings import get_settings

ANSWER_IN = 8.0  # seconds; Twilio waits 15
NO_TEXT = "I can only read words, not pictures. Please type your question."
_PHONE = re.compile(r"\+?[0-9]{3,15}")
_late: set[asyncio.Task[None]] = set()


@csrf_exempt
async def inbound(request: HttpRequest) -> HttpResponse:
    """Take a text message; answered by TwiML in time, or empty now and by the outbox later."""
    env = get_settings().env
    params = signed_params(request, env.twilio_auth_token, env.public_url) if request.method == "POST" else None
    if params is None:
        return _refuse("signature", 403)
    sid, phone = params.get("MessageSid", ""), params.get("From", "")
    if not sid or not _PHONE.fullmatch(phone):
        return _refuse("form", 400)
    gateway = get_gateway()
    body = params.get("Body", "")
    if not body.strip():
        return twiml.response([NO_TEXT])
    conversation = await gateway.in_thread(store.conversation_of_phone, phone)
    fixed = await gateway.in_thread(answer_keyword, gateway, conversation, sid, body, params.get("OptOutType"))
    if fixed is not None:
        return twiml.response(fixed)
    work = asyncio.ensure_future(gateway.receive(Inbound(conversation, f"sms:{sid}", sid, body)))
    try:
        outcome = await asyncio.wait_for(asyncio.shield(work), ANSWER_IN)
    except TimeoutError:
        task = asyncio.create_task(_send_later(work, conversation, sid))
        _late.add(task)
        task.add_done_callback(_late.discard)
        return twiml.response([])
    return twiml.response(twiml.texts(outcome.replies))


@csrf_exempt
async def status(request: HttpRequest) -> HttpResponse:
    """Take word of what became of a text that we sent."""
    env = get_settings().env
    params = signed_params(request, env.twilio_auth_token, env.public_url) if request.method == "POST" else None
    if params is None:
        return _refuse("signature", 403)
    if params.get("MessageStatus") in ("failed", "undelivered"):
        rows = Outbox.objects.filter(provider_id=params.get("MessageSid", "-"))
        await get_gateway().in_thread(
            lambda: rows.update(state=Outbox.State.FAILED, error=f"carrier {params.get('ErrorCode', '')}"[:200]))
    return HttpResponse(status=204)


@csrf_exempt
async def demo(request: HttpRequest) -> HttpResponse:
    """Send a text as the demo page's phone would: signed, to the real webhook. Never on a public start."""
    env = get_settings().env
    if env.is_public or env.twilio_account_sid or request.method != "POST":
        return JsonResponse({"error": {"code": "not_here", "message": "Only the demo has this."}}, status=404)
    body = json.loads(request.body)
    form = {"MessageSid": "SM" + secrets.token_hex(16), "From": str(body.get("from", "+15550100199")),
            "To": env.twilio_number or "+15550100134", "Body": str(body.get("text", "")), "NumMedia": "0",
            "FromCity": ""}
    url = env.public_url + "/sms/inbound"
    headers = {"X-Twilio-Signature": RequestValidator(env.twilio_auth_token).compute_signature(url, form),
               "Content-Type": "application/x-www-form-urlencoded"}
    async with aiohttp.ClientSession() as session, session.post(
            f"http://127.0.0.1:{env.port}/sms/inbound", data=urlencode(form), headers=headers) as response:
        answer = await response.text()
    replies = [node.text or "" for node in ElementTree.fromstring(answer).iter("Message")]
    return JsonResponse({"replies": replies})


async def _send_later(work: asyncio.Future[Outcome], conversation: Conversation, sid: str) -> None:
    outcome = await work

    def queue() -> None:
        Outbox.objects.bulk_create(
            [Outbox(kind="sms", to=conversation.phone or "", body=text, conversation=conversation,
                    key=f"late:{sid}:{number}")
             for number, text in enumerate(twiml.texts(outcome.replies))], ignore_conflicts=True)

    await get_gateway().in_thread(queue)


def _refuse(reason: str, code: int) -> HttpResponse:
    metrics.REFUSED.labels("sms", reason).inc()
    return HttpResponse(status=code)
