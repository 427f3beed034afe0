"""Twilio's webhooks."""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import time

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from bot.channels import metrics
from bot.channels.gateway import Gateway
from bot.channels.inbound import Erased, Inbound
from bot.channels.service import get_gateway
from bot.channels.sms import twiml
from bot.channels.sms.answering import answer_in_time, answer_later, in_danger, keep_going
from bot.channels.sms.inbound import InboundText, read_text
from bot.channels.sms.signature import signed_params
from bot.channels.sms.wording import say
from bot.records.deliveries import note_status
from bot.records.models import Conversation, Message
from bot.settings import get_settings

log = logging.getLogger(__name__)
MAX_BODY = 64 * 1024  # more than any call of Twilio's has


@csrf_exempt
async def inbound(request: HttpRequest) -> HttpResponse:
    """Take a text message; answered by TwiML in time, or empty now and by the outbox later."""
    started = time.perf_counter()
    env = get_settings().env
    params = signed_params(request, env.twilio_auth_token, env.public_url) if request.method == "POST" else None
    if params is None:
        return _refuse("signature", 403)
    text = read_text(params)
    if text is None:
        return _refuse("form", 400)
    gateway = get_gateway()
    if not text.is_from_phone:
        if not await in_danger(gateway, text.as_phone):
            metrics.REFUSED.labels("sms", "other_app").inc()
            return twiml.response([_other_app(gateway, text)])
        text = text.as_phone
    answered = await answer_in_time(gateway, text)
    seconds = time.perf_counter() - started
    metrics.LATENCY.labels("sms", answered.kind).observe(seconds)
    log.info("answered", extra={"channel": "sms", "kind": answered.kind, "ms": round(1000 * seconds, 1)})
    return twiml.response(answered.texts)


@csrf_exempt
async def status(request: HttpRequest) -> HttpResponse:
    """Take word of what became of a text that we sent."""
    env = get_settings().env
    params = signed_params(request, env.twilio_auth_token, env.public_url) if request.method == "POST" else None
    if params is None:
        return _refuse("signature", 403)
    word, code = params.get("MessageStatus", ""), _number(params.get("ErrorCode", ""))
    gateway = get_gateway()
    changed = await gateway.in_thread(note_status, gateway.clinic, _number(request.GET.get("row", "")),
                                      params.get("MessageSid", ""), word, code)
    if changed and word in ("delivered", "undelivered", "failed"):
        metrics.DELIVERIES.labels(word, str(code or "")).inc()
    return HttpResponse(status=204)


@csrf_exempt
async def resume(request: HttpRequest) -> HttpResponse:
    """Answer a message that a process died over; only our own worker may ask."""
    token = request.headers.get("X-Internal-Token", "")
    if request.method != "POST" or not hmac.compare_digest(token.encode(), get_settings().env.internal_token.encode()):
        return HttpResponse(status=404)
    gateway = get_gateway()
    left = await gateway.in_thread(_left, _number(str(json.loads(request.body).get("message", ""))))
    if left is None:
        return HttpResponse(status=404)
    if left.conversation.channel == "sms":
        answer_later(gateway, _as_text(left))
    else:
        keep_going(_answer_web(gateway, left))
    return HttpResponse(status=202)


def _left(key: int | None) -> Message | None:
    return Message.objects.select_related("conversation").filter(
        pk=key or 0, sender=Message.Sender.PATIENT, answered_at=None, conversation__channel__in=("sms", "web")).first()


def _as_text(message: Message) -> InboundText:
    return InboundText(
        sid=message.client_id, sender=message.conversation.phone or "", body=message.text,
        pictures=int(message.extra.get("pictures", 0)), opt_out_type=None)


async def _answer_web(gateway: Gateway, message: Message) -> None:
    """Answer a message of the web chat; the patient's page finds the reply when it looks again."""
    extra = dict(message.extra)
    label, send = extra.pop("choice", None), extra.pop("choice_send", None)
    choice = {"label": label, "send": send} if label and send else None
    with contextlib.suppress(Erased):
        await gateway.receive(Inbound(Conversation(pk=message.conversation_id, channel="web"), message.dedup or "",
                                      message.client_id, message.text, choice, extra))


def _other_app(gateway: Gateway, text: InboundText) -> twiml.Text:
    """Return the polite refusal, in the language of what came; the emergency lines are in it."""
    language = gateway.screen.read(text.body).language if text.body.strip() else "en"
    return twiml.Text(say("other_app", language, gateway.replies, gateway.clinic))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _refuse(reason: str, code: int) -> HttpResponse:
    metrics.REFUSED.labels("sms", reason).inc()
    return HttpResponse(status=code)
