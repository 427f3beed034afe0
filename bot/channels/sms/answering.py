"""An answer to a text, in the time that Twilio gives us: from the fixed texts, the assistant, or the screen alone."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

from django.db import DatabaseError, transaction

from bot.channels.gateway import Gateway
from bot.channels.inbound import Abandoned, Erased, Inbound
from bot.channels.sms import twiml
from bot.channels.sms.choices import chosen
from bot.channels.sms.fixed import answer_of, fixed_answer, may_be_fixed, picture_note
from bot.channels.sms.inbound import InboundText
from bot.records import store, texts
from bot.records.models import Conversation, Message
from bot.screening import Tier

log = logging.getLogger(__name__)
ANSWER_IN = 8.0  # seconds; Twilio waits 15
LOOK_FOR = 2.0  # seconds to look for a conversation before a refusal
_late: set[asyncio.Task[Any]] = set()
Taken = tuple[Conversation, list[Message] | None, dict[str, str] | None]


@dataclass(frozen=True)
class Answered:
    """The texts to send in the webhook's answer, and of what kind the first is."""

    texts: list[twiml.Text]
    kind: str = "none"


async def answer_in_time(gateway: Gateway, text: InboundText) -> Answered:
    """Return the answer when it is ready in time, else nothing: then it comes by the outbox."""
    work = asyncio.ensure_future(_answer(gateway, text))
    whole = asyncio.ensure_future(_with_texts(gateway, work))
    try:
        return await asyncio.wait_for(asyncio.shield(whole), ANSWER_IN)
    except TimeoutError:
        keep_going(_send_later(gateway, work))
        return Answered([])


async def in_danger(gateway: Gateway, text: InboundText) -> bool:
    """Return whether a text reads as danger, or goes on with a conversation about it: no refusal may meet it."""
    if gateway.screen.read(text.body).tier >= Tier.CHECK_IN:
        return True
    try:
        return await asyncio.wait_for(gateway.in_thread(store.phone_in_crisis, text.sender), LOOK_FOR)
    except (DatabaseError, TimeoutError):
        return False


def answer_later(gateway: Gateway, text: InboundText) -> None:
    """Answer a text by the outbox."""
    keep_going(_send_later(gateway, asyncio.ensure_future(_answer(gateway, text))))


async def _answer(gateway: Gateway, text: InboundText) -> list[Message]:
    """Return the replies to a text; when nothing can be written down, what the screen alone says."""
    try:
        gone = threading.Event()
        conversation, fixed, choice = await gateway.in_time(
            text.body, gateway.is_urgent(text.body), gone, _intake, gateway, text, gone)
        if fixed is not None:
            return fixed
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


def _intake(gateway: Gateway, text: InboundText, gone: threading.Event) -> Taken:
    """Return the phone's conversation, the fixed answer if there is one, and the choice that the text means, if any."""
    if not may_be_fixed(gateway, text):
        going_on = store.running_conversation(text.sender)
        if going_on is not None and going_on.noticed_at is not None:
            return going_on, None, chosen(going_on, text.body)
    with transaction.atomic():  # holds the phone's turn, so that the same text at once finds the first one's answer
        _stop_if(gone)
        conversation = store.conversation_of_phone(text.sender)
        fixed = fixed_answer(gateway, conversation, text)
        choice = answer_of(conversation, text) or chosen(conversation, text.body)
        _stop_if(gone)
        return conversation, fixed, choice


def _stop_if(gone: threading.Event) -> None:
    if gone.is_set():
        raise Abandoned


async def _with_texts(gateway: Gateway, work: asyncio.Future[list[Message]]) -> Answered:
    messages = await work
    kind = messages[0].kind if messages else "none"
    try:
        return Answered(await gateway.in_thread(twiml.texts, messages), kind)
    except DatabaseError:
        return Answered(twiml.unsaved(messages), kind)


async def _send_later(gateway: Gateway, work: asyncio.Future[list[Message]]) -> None:
    """Let the worker send what came too late; were this process to die, it would find it all the same."""
    await gateway.in_thread(texts.send_now, [message for message in await work if message.pk])


def keep_going(work: Coroutine[Any, Any, Any]) -> None:
    """Let work go on after the answer; the loop itself would forget it."""
    task = asyncio.create_task(work)
    _late.add(task)
    task.add_done_callback(_late.discard)
