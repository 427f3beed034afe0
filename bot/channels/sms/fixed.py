"""Fixed answers on record: to STOP, START, HELP and MORE, to opt-outs in free words, to pictures."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bot.channels import metrics
from bot.channels.decide import context
from bot.channels.gateway import Gateway
from bot.channels.sms.inbound import InboundText
from bot.channels.sms.keywords import asks_to_stop, is_spanish_word, is_yes, keyword
from bot.channels.sms.reactions import ANSWERS, is_on_ours, reaction
from bot.channels.sms.setup import keyword_context
from bot.channels.sms.wording import say
from bot.records import opt_outs, store, texts
from bot.records.alerts import raise_alert
from bot.records.models import Conversation, Message
from bot.records.store import Reply
from bot.screening import Tier

CARRIER_WORDS = ("STOP", "START", "HELP")


def may_be_fixed(gateway: Gateway, text: InboundText) -> bool:
    """Return whether a text could have a fixed answer, by its words alone."""
    return (not text.body.strip() or text.opt_out_type is not None or asks_to_stop(text.body) is not None
            or reaction(text.body) is not None
            or keyword(text.body, gateway.replies.sms_words(), opted_out=True) is not None)


def fixed_answer(gateway: Gateway, conversation: Conversation, text: InboundText) -> list[Message] | None:
    """Return the messages that answer a text without the assistant, or None when the assistant must.

    Danger always goes to the assistant: an opt-out in the same breath is kept, and staff are told.
    """
    with transaction.atomic():
        known = Message.objects.filter(dedup=text.dedup).first()
        if known is None and opt_outs.latest(conversation.phone or "") is None:
            _first_text(gateway, conversation)
        if not text.body.strip():
            return _no_words(gateway, conversation, text)
        if (tap := reaction(text.body)) and is_on_ours(tap, conversation):
            return None if answer_of(conversation, text) else _without_reply(conversation, text)
        word = keyword(text.body, gateway.replies.sms_words(), opt_outs.opted_out(conversation.phone or ""))
        if word == "MORE":
            return (store.replies_to(known) or None) if known else _more(conversation, text)
        meaning = word or _other_opt_out(text)
        if meaning is None:
            return None
        if not _is_safe(gateway, conversation, text, word):
            if known is None:
                _keep_consent(gateway, conversation, text, meaning, None)
            return None
        return _keyword_reply(gateway, conversation, text, meaning)


def answer_of(conversation: Conversation, text: InboundText) -> dict[str, str] | None:
    """Return, as a choice, what a tap on a text of ours answers to the direct question while that is open."""
    tap = reaction(text.body) if conversation.question_open else None
    if tap is None or tap.says not in ANSWERS or not is_on_ours(tap, conversation):
        return None
    return {"label": text.body, "send": ANSWERS[tap.says]}


def _without_reply(conversation: Conversation, text: InboundText) -> list[Message]:
    message, new = _record(conversation, text)
    return store.record_replies(message, conversation, []) if new else store.replies_to(message)


def _other_opt_out(text: InboundText) -> str | None:
    """Return what a text means that is no keyword of ours: a word of the carrier's list, or free words.

    A yes is an answer, also where the carrier takes it for a wish to come back: it may be the one
    to the direct question.
    """
    if is_yes(text.body):
        return None
    if text.opt_out_type in CARRIER_WORDS:
        return text.opt_out_type
    return "STOP" if asks_to_stop(text.body) else None


def _is_safe(gateway: Gateway, conversation: Conversation, text: InboundText, word: str | None) -> bool:
    """Return whether a fixed answer may be given: not to danger, nor to a yes to the direct question."""
    if word == "START" and is_yes(text.body) and (conversation.question_open or conversation.locked):
        return False
    if word is not None:
        return True
    screening, asked = gateway.screen.read(text.body), asks_to_stop(text.body)
    by_lexicon = any(reason.by == "lexicon" for reason in screening.reasons)
    return screening.tier < Tier.CHECK_IN or (asked is not None and asked.unmistakable and not by_lexicon)


def _keyword_reply(gateway: Gateway, conversation: Conversation, text: InboundText, meaning: str) -> list[Message]:
    message, new = _record(conversation, text)
    if not new:
        return [] if text.opt_out_type else store.replies_to(message)
    wording = gateway.replies.sms_keyword(meaning, language=_language(gateway, conversation, text),
                                          context=keyword_context(gateway.clinic, timezone.now()))
    _keep_consent(gateway, conversation, text, meaning, message, opt_outs.wording_version(wording.key, wording.text))
    if text.opt_out_type:  # Twilio has answered already, with the words that the clinic gave it
        store.record_replies(message, conversation, [])
        return []
    reply = Reply("small_talk", wording.text, {"reply": wording.key})
    replies = store.record_replies(message, conversation, [reply])
    if not _is_blocked(gateway, text, meaning):
        texts.queue_replies(conversation, replies)
    return replies


def _is_blocked(gateway: Gateway, text: InboundText, meaning: str) -> bool:
    """Return whether the carrier itself took the word for STOP: it takes nothing more and has confirmed it."""
    by_carrier = keyword(text.body, gateway.replies.sms_words(), False) and not is_spanish_word(text.body)
    return meaning == "STOP" and bool(by_carrier)


def _language(gateway: Gateway, conversation: Conversation, text: InboundText) -> str:
    """Return the language of a keyword or of an opt-out in free words, else that of the conversation."""
    if is_spanish_word(text.body):
        return "es"
    if asked := asks_to_stop(text.body):
        return asked.language
    if len(text.body.split()) > 2:
        return gateway.screen.read(text.body).language
    return conversation.language


def _keep_consent(gateway: Gateway, conversation: Conversation, text: InboundText, meaning: str,
                  message: Message | None, wording: str = "crisis_reply") -> None:
    if meaning not in ("STOP", "START"):
        return
    source = ("carrier_word" if text.opt_out_type else f"{meaning.lower()}_keyword"
              if keyword(text.body, gateway.replies.sms_words(), True) else "free_words")
    opt_outs.record_consent(conversation.phone or "", meaning == "START", source, wording)
    metrics.CONSENTS.labels(meaning.lower(), source).inc()
    danger = message is None and meaning == "STOP"
    if meaning == "STOP" and (danger or conversation.tier in ("emergency", "crisis")):
        raise_alert(gateway.clinic, conversation, message, "P1", "opted_out_in_crisis")


def _first_text(gateway: Gateway, conversation: Conversation) -> None:
    """Keep that the patient wrote first, and the notice that answers it."""
    notice = gateway.replies.notice(language=conversation.language, again=False, channel="sms",
                                    context=context(gateway.clinic, timezone.now()))
    opt_outs.record_consent(conversation.phone or "", True, "first_text",
                           opt_outs.wording_version(notice.key, notice.text))


def _no_words(gateway: Gateway, conversation: Conversation, text: InboundText) -> list[Message]:
    message, new = _record(conversation, text)
    if not new:
        return store.replies_to(message)
    said = say("no_words", conversation.language, gateway.replies, gateway.clinic)
    replies = store.record_replies(message, conversation, [Reply("small_talk", said, {"reply": "sms_no_words"})])
    texts.queue_replies(conversation, replies)
    return replies


def picture_note(gateway: Gateway, conversation: Conversation, message: Message) -> list[Message]:
    """Return a line, on record once, that says that a picture beside the words was not seen."""
    said = say("picture_too", conversation.language, gateway.replies, gateway.clinic)
    with transaction.atomic():
        replies = [store.add_reply(message, Reply("small_talk", said, {"reply": "sms_picture_too"}))]
        texts.queue_replies(conversation, replies)
    return replies


def _more(conversation: Conversation, text: InboundText) -> list[Message] | None:
    """Return the next part of the last long answer, or None when there is none."""
    ours = conversation.messages.exclude(sender=Message.Sender.PATIENT).order_by("-id")[:3]
    for last in ours:
        whole = Message.objects.get(pk=last.extra.get("part_of", last.pk))
        number = int(last.extra.get("part", 0)) + 1
        rest = texts.parts(whole)
        if number < len(rest):
            break
    else:
        return None
    message, _ = _record(conversation, text)
    reply = Reply(whole.kind, rest[number], {"part_of": whole.pk, "part": number})
    replies = store.record_replies(message, conversation, [reply])
    texts.queue_replies(conversation, replies)
    return replies


def _record(conversation: Conversation, text: InboundText) -> tuple[Message, bool]:
    metrics.MESSAGES.labels("sms").inc()
    return store.record_inbound(conversation, text.dedup, text.sid, text.body, text.extra)
