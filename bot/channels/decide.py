"""What to do with a message once it is screened: pure, so that every case can be tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.records.models import Conversation
from bot.records.store import Reply
from bot.screening import Category, Screening, Subject, Tier
from bot.screening.conversation import ConversationState, Turn, advance
from bot.screening.replies import CrisisReply, Replies, ReplyContext
from bot.settings import Clinic

# What Rasa may say beside a plain text, as it goes on record and to the patient.
EXTRAS = ("sources", "caveats", "resources", "topic", "input")


@dataclass(frozen=True)
class Decision:
    """Either a fixed reply, or (when `reply` is None) a question for Rasa with a line added to its answer."""

    reply: Reply | None
    addition: Reply | None
    changes: dict[str, Any]
    tier: str
    category: str


def decide(conversation: Conversation, text: str, screening: Screening, replies: Replies, clinic: Clinic,
           now: datetime) -> Decision:
    """Return what the screen's verdict asks for, given what was said before."""
    state = ConversationState(
        tier=Tier(conversation.tier), category=Category(conversation.category),
        subject=Subject(conversation.subject), locked=conversation.locked,
        question_open=conversation.question_open, crisis_turns=conversation.crisis_turns)
    turn = advance(state, text, screening)
    language = _language(conversation, text, screening, clinic)
    fixed = _reply_for(turn, replies, language, conversation, clinic, now)
    changes = {
        "tier": turn.state.tier.value, "category": turn.state.category.value, "subject": turn.state.subject.value,
        "locked": turn.state.locked, "crisis_turns": turn.state.crisis_turns, "language": language,
        # A yes can only be read as an answer when the question was really asked.
        "question_open": turn.state.question_open and (fixed is None or fixed.asks_directly),
    }
    changes = {name: value for name, value in changes.items() if getattr(conversation, name) != value}
    reply = _fixed("crisis", fixed) if fixed and turn.move != "info_line" else None
    addition = _fixed("answer", fixed) if fixed and turn.move == "info_line" else None
    return Decision(reply, addition, changes, turn.tier_for_reply.value, turn.category.value)


def _language(conversation: Conversation, text: str, screening: Screening, clinic: Clinic) -> str:
    """Return the language to answer in; a word or two of English don't end a Spanish conversation."""
    brief = len(text.split()) <= 2 and screening.language == "en"
    return conversation.language if brief or screening.language not in clinic.languages else screening.language


def _reply_for(turn: Turn, replies: Replies, language: str, conversation: Conversation, clinic: Clinic,
               now: datetime) -> CrisisReply | None:
    """Return the fixed reply that a move names, or None when there is nothing to say but an answer."""
    channel, said, around = _channel(conversation), conversation.crisis_turns, context(clinic, now)
    if turn.move == "pass":
        return None
    if turn.move in ("crisis_reply", "check_in"):
        return replies.crisis(tier=turn.tier_for_reply.value, category=turn.category.value,
                              subject=turn.state.subject.value, language=language, channel=channel,
                              context=around, turn=said)
    return replies.move(turn.move, language=language, channel=channel, context=around, turn=said)


def fallback_reply(replies: Replies, conversation: Conversation, clinic: Clinic, now: datetime) -> Reply:
    """Return what is said when the assistant cannot answer: the clinic's phone and the emergency lines."""
    return _fixed("handoff", replies.fallback(
        language=conversation.language, channel=_channel(conversation), context=context(clinic, now)))


def context(clinic: Clinic, now: datetime) -> ReplyContext:
    """Return what a fixed text needs to know about the clinic at this hour."""
    return ReplyContext(clinic=clinic.clinic, phone=clinic.phone, on_call_phone=clinic.on_call_phone,
                        country=clinic.country, open_now=clinic.is_open(now), opens=clinic.opens(now))


def reply_of(item: dict[str, Any]) -> Reply:
    """Return one of Rasa's messages as a reply; buttons become choices."""
    extra: dict[str, Any] = {name: item[name] for name in EXTRAS if item.get(name)}
    if item.get("buttons"):
        extra["choices"] = [{"label": button["title"], "send": button["payload"]} for button in item["buttons"]]
    return Reply(item.get("kind") or "small_talk", item["text"], extra)


def _fixed(kind: str, reply: CrisisReply) -> Reply:
    resources = [{"label": resource.label, "href": resource.href} for resource in reply.resources]
    return Reply(kind, reply.text, {"reply": reply.key, "resources": resources})


def _channel(conversation: Conversation) -> str:
    return "sms" if conversation.channel == "sms" else "web"


