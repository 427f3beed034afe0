"""Twilio's webhooks."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import threading
import time
from dataclasses import replace

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from bot.channels import metrics
from bot.channels.gateway import Abandoned, Erased, Gateway, Inbound
from bot.channels.service import get_gateway
from bot.channels.sms import twiml
from bot.channels.sms.choices import chosen
from bot.channels.sms.fixed import fixed_answer, picture_note
from bot.channels.sms.inbound import InboundText, read_text
from bot.channels.sms.signature import signed_params
from bot.channels.sms.wording import say
from bot.records import store, texts
from bot.records.deliveries import note_status
from bot.records.models import Conversation, Message
from bot.screening import Tier
from bot.settings import get_settings

log = logging.getLogger(__name__)
ANSWER_IN = 8.0  # seconds; Twilio waits 15
_late: set[asyncio.Task[None]] = set()


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
        danger = _in_danger(gateway, text)
        if danger is None:
            metrics.REFUSED.labels("sms", "other_app").inc()
            return twiml.response([_other_app(gateway, text)])
        text = danger
    work = asyncio.ensure_future(_answer(gateway, text))
    try:
        answer = await asyncio.wait_for(asyncio.shield(work), ANSWER_IN)
    except TimeoutError:
        task = asyncio.create_task(_send_later(gateway, work))
        _late.add(task)
        task.add_done_callback(_late.discard)
        return twiml.response([])
    kind = answer[0].kind if answer else "none"
    seconds = time.perf_counter() - started
    metrics.LATENCY.labels("sms", kind).observe(seconds)
    log.info("answered", extra={"channel": "sms", "kind": kind, "ms": round(1000 * seconds, 1)})
    return twiml.response(await _as_texts(gateway, answer))


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
    key = _number(str(json.loads(request.body).get("message", "")))
    left = await gateway.in_thread(_left, key)
    if left is None:
        return HttpResponse(status=404)
    if left.conversation.channel == "sms":
        work = _send_later(gateway, asyncio.ensure_future(_answer(gateway, _as_text(left))))
    else:
        work = _answer_web(gateway, left)
    task = asyncio.create_task(work)
    _late.add(task)
    task.add_done_callback(_late.discard)
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


async def _answer(gateway: Gateway, text: InboundText) -> list[Message]:
    """Return the replies to a text; when nothing can be written down, what the screen alone says."""
    try:
        gone = threading.Event()
        conversation, fixed = await gateway.in_time(text.body, gone, _intake, gateway, text, gone)
        if fixed is not None:
            return fixed
        choice = await gateway.in_thread(chosen, conversation, text.body)
        asked = Inbound(conversation, text.dedup, text.sid, text.body, choice, text.extra)
        if choice and not choice["send"].startswith("/"):
            asked = replace(asked, text=choice["send"])
        outcome = await gateway.receive(asked)
        replies = outcome.replies
        if text.pictures and outcome.new and outcome.message and replies and replies[0].kind != "crisis":
            replies = [*replies, *await gateway.in_thread(picture_note, gateway, conversation, outcome.message)]
        return replies
    except (DatabaseError, OSError, Erased) as error:
        log.error("The records are down; answering a text without them: %s", type(error).__name__)
        asked = Inbound(Conversation(channel="sms"), text.dedup, text.sid, text.body, extra=text.extra)
        return (await gateway.answer_without_records(asked, phone=text.sender)).replies


def _intake(gateway: Gateway, text: InboundText,
            gone: threading.Event) -> tuple[Conversation, list[Message] | None]:
    with transaction.atomic():  # holds the phone's turn, so that the same text at once finds the first one's answer
        if gone.is_set():
            raise Abandoned
        conversation = store.conversation_of_phone(text.sender)
        fixed = fixed_answer(gateway, conversation, text)
        if gone.is_set():
            raise Abandoned
        return conversation, fixed


async def _send_later(gateway: Gateway, work: asyncio.Future[list[Message]]) -> None:
    """Let the worker send what came too late; were this process to die, it would find it all the same."""
    await gateway.in_thread(texts.send_now, [message for message in await work if message.pk])


async def _as_texts(gateway: Gateway, messages: list[Message]) -> list[twiml.Text]:
    try:
        return await gateway.in_thread(twiml.texts, messages)
    except DatabaseError:
        return twiml.unsaved(messages)


def _in_danger(gateway: Gateway, text: InboundText) -> InboundText | None:
    """Return a text of another app as one of its phone when it reads as danger, which no refusal may meet."""
    plain = replace(text, sender=text.sender.rpartition(":")[2])
    return plain if plain.is_from_phone and gateway.screen.read(text.body).tier >= Tier.CHECK_IN else None


def _other_app(gateway: Gateway, text: InboundText) -> twiml.Text:
    """Return the polite refusal, in the language of what came; the emergency lines are in it."""
    language = gateway.screen.read(text.body).language if text.body.strip() else "en"
    return twiml.Text(say("other_app", language, gateway.replies, gateway.clinic))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _refuse(reason: str, code: int) -> HttpResponse:
    metrics.REFUSED.labels("sms", reason).inc()
    return HttpResponse(status=code)
