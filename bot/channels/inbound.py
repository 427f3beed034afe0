"""What a channel hands to the gateway, and what it gets back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.records.models import Conversation, Message


class Abandoned(Exception):
    """Nobody waits for this work any more; the message is kept elsewhere."""


class Erased(Exception):
    """The conversation is no longer there."""


@dataclass(frozen=True)
class Inbound:
    """What a channel hands in after its own check of who is asking."""

    conversation: Conversation
    dedup: str
    client_id: str
    text: str
    choice: dict[str, Any] | None = None  # {"label", "send"} of the button that was tapped
    extra: dict[str, Any] = field(default_factory=dict)  # what else came with it, for the record
    delay: float = 0.0  # seconds that an ordinary answer waits where very many messages come; help never waits


@dataclass(frozen=True)
class Outcome:
    """The patient's message on record (None when the database is down) and the replies to it."""

    message: Message | None
    replies: list[Message]
    new: bool = True
    staff: bool = False  # a person has the conversation; the assistant stays silent
    kept: bool = True    # on record, or in a file that will be; False asks to send it again
