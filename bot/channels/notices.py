"""What every patient is told first, and told again when it may have been forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.channels.decide import context
from bot.records import store
from bot.records.models import Conversation
from bot.records.store import Reply
from bot.screening.replies import Replies
from bot.settings import Clinic

# Utah asks for it again after 7 days away, New York every 3 hours of an open session.
AGAIN_AFTER = timedelta(hours=3)


def greeting(replies: Replies, conversation: Conversation, clinic: Clinic, now: datetime) -> Reply:
    """Return the first message of a conversation and note that it was given."""
    notice = replies.notice(language=conversation.language, again=conversation.noticed_at is not None,
                            channel="sms" if conversation.channel == "sms" else "web",
                            context=context(clinic, now))
    store.touch(conversation, noticed_at=now)
    resources = [{"label": resource.label, "href": resource.href} for resource in notice.resources]
    return Reply("small_talk", notice.text, {"reply": notice.key, "resources": resources})


def due(conversation: Conversation, now: datetime) -> bool:
    """Return whether the notices have to be given (again)."""
    return conversation.noticed_at is None or now - conversation.noticed_at > AGAIN_AFTER
