"""Fixed answers to STOP, START, HELP and MORE, on record like everything else."""

from __future__ import annotations

from django.utils import timezone

from bot.channels.decide import context
from bot.channels.gateway import Gateway
from bot.channels.sms import twiml
from bot.channels.sms.keywords import keyword, opted_out, record_consent
from bot.records import store
from bot.records.alerts import raise_alert
from bot.records.models import Conversation, Message
from bot.records.store import Reply


def answer_keyword(gateway: Gateway, conversation: Conversation, sid: str, text: str,
                   opt_out_type: str | None) -> list[str] | None:
    """Return the texts that answer a keyword, or None when the message is not one.

    An opt-out inside a crisis is honoured, and staff are told. With Twilio's Advanced Opt-Out
    (`opt_out_type` set) Twilio has answered already and nothing is sent.
    """
    phone = conversation.phone or ""
    word = keyword(text, opted_out(phone))
    if word is None and opt_out_type in ("STOP", "START", "HELP"):
        word = opt_out_type
    if word is None:
        return None
    if word == "MORE":
        return _more(conversation, sid, text)
    message, new = store.record_inbound(conversation, f"sms:{sid}", sid, text)
    if not new:
        return twiml.texts(store.replies_to(message))
    if word in ("STOP", "START"):
        record_consent(phone, word == "START", f"{word.lower()}_keyword")
    if word == "STOP" and conversation.tier in ("emergency", "crisis"):
        raise_alert(gateway.clinic, conversation, message, "P1", "opted_out_in_crisis")
    fixed = gateway.replies.sms_keyword(
        word, language=conversation.language, context=context(gateway.clinic, timezone.now()))
    rows = store.record_replies(message, conversation, [Reply("small_talk", fixed.text, {"reply": fixed.key})])
    return [] if opt_out_type else twiml.texts(rows)


def _more(conversation: Conversation, sid: str, text: str) -> list[str] | None:
    """Return the next part of the last long answer, or None when there is none."""
    for last in conversation.messages.filter(sender=Message.Sender.BOT).order_by("-id")[:3]:
        whole = Message.objects.get(pk=last.extra.get("part_of", last.pk))
        number = int(last.extra.get("part", 0)) + 1
        rest = twiml.parts(whole)
        if number < len(rest):
            break
    else:
        return None
    message, new = store.record_inbound(conversation, f"sms:{sid}", sid, text)
    if new:
        reply = Reply(whole.kind, rest[number], {"part_of": whole.pk, "part": number})
        store.record_replies(message, conversation, [reply])
    return [reply.text for reply in store.replies_to(message)]
