"""What to do with a message once it is screened: pure, so that every case can be tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.records.models import Conversation
from bot.records.store import Reply
from bot.screening import Category, Screening, Subject, Tier
from bot.screening.conversation import ConversationState, advance
from bot.screening.replies import CrisisReply, Replies, ReplyContext
from bot.settings import Clinic

# What Rasa may say beside a plain text, as it goes on record and to the patient.
EXTRAS = ("sources", "caveats", "resources", "topic")


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
    language = screening.language if screening.language in clinic.languages else conversation.language
    changes = {"tier": turn.state.tier.value, "category": turn.state.category.value,
               "subject": turn.state.subject.value, "locked": turn.state.locked,
               "question_open": turn.state.question_open, "crisis_turns": turn.state.crisis_turns,
               "language": language}
    changes = {name: value for name, value in changes.items() if getattr(conversation, name) != value}
    common = {"language": language, "channel": _channel(conversation), "context": context(clinic, now),
              "turn": conversation.crisis_turns}
    reply = addition = None
    if turn.move == "crisis_reply":
        reply = _fixed("crisis", replies.crisis(
            tier=turn.tier_for_reply.value, category=turn.category.value,
            subject=turn.state.subject.value, **common))
    elif turn.move == "check_in":
        reply = _fixed("crisis", replies.crisis(
            tier="check_in", category=turn.category.value, subject=turn.state.subject.value, **common))
    elif turn.move == "info_line":
        addition = _fixed("answer", replies.move("info_line", **common))
    elif turn.move != "pass":
        reply = _fixed("crisis", replies.move(turn.move, **common))
    return Decision(reply, addition, changes, turn.tier_for_reply.value, turn.category.value)


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


