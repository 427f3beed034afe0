"""A conversation as the patient saw it, with what the screen read beside each message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.desk import highlight, masking
from bot.desk.models import Review
from bot.desk.roles import display_name
from bot.records.models import Conversation, Message, Verdict

LIMIT = 200  # messages on one page


@dataclass(frozen=True)
class Choice:
    """A button under a message, and whether the patient tapped it."""

    label: str
    chosen: bool


@dataclass(frozen=True)
class Line:
    """One message as a row of the transcript."""

    message: Message
    staff: str
    pieces: list[highlight.Piece]
    verdict: Verdict | None
    choices: list[Choice]
    is_reviewed: bool = False

    @property
    def extra(self) -> dict[str, Any]:
        """Return what the patient saw beside the text."""
        extra: dict[str, Any] = self.message.extra
        return extra

    @property
    def is_alarming(self) -> bool:
        """Return whether the screen found danger or distress here."""
        return self.verdict is not None and self.verdict.tier in ("emergency", "crisis", "check_in")


def read_lines(conversation: Conversation, after: int = 0, revealed: bool = False,
               upto: int | None = None) -> list[Line]:
    """Return the newest messages after an id, oldest first; personal details masked unless revealed."""
    wanted = conversation.messages.filter(id__gt=after)
    if upto is not None:
        wanted = wanted.filter(id__lte=upto)
    messages = list(wanted.select_related("verdict", "staff").order_by("-id")[:LIMIT])[::-1]
    known = frozenset() if revealed else known_details(conversation)
    reviewed = set(Review.objects.filter(message__in=messages).values_list("message", flat=True))
    return [_line(message, following, known, revealed, reviewed)
            for message, following in zip(messages, _following(messages), strict=True)]


def has_earlier(conversation: Conversation, lines: Sequence[Line]) -> bool:
    """Return whether the page leaves out older messages."""
    return bool(lines) and conversation.messages.filter(id__lt=lines[0].message.pk).exists()


def shown_text(message: Message, known: frozenset[str], revealed: bool) -> str:
    """Return a message's text as the desk shows it, of the same length as the original."""
    if revealed:
        return message.text
    if message.sender == Message.Sender.PATIENT:
        return masking.mask_text(message.text)
    return masking.mask_known(message.text, known)


def _line(message: Message, following: list[Message], known: frozenset[str], revealed: bool,
          reviewed: set[int]) -> Line:
    verdict = getattr(message, "verdict", None)
    text = shown_text(message, known, revealed)
    tapped = {str(later.extra.get("choice")) for later in following}
    labels = [str(choice.get("label", "")) for choice in message.extra.get("choices", [])]
    return Line(message=message, staff=display_name(message.staff) if message.staff else "", verdict=verdict,
                pieces=highlight.pieces(text, verdict.reasons if verdict else ()),
                choices=[Choice(label, label in tapped) for label in labels],
                is_reviewed=message.pk in reviewed)


def _following(messages: list[Message]) -> list[list[Message]]:
    """Return for each message the patient's next one: what was tapped among its buttons."""
    result: list[list[Message]] = []
    upcoming: list[Message] = []
    for message in reversed(messages):
        result.append(upcoming)
        if message.sender == Message.Sender.PATIENT:
            upcoming = [message]
    return result[::-1]


def known_details(conversation: Conversation) -> frozenset[str]:
    """Return the patient's own numbers, addresses and names, to be masked in our texts too."""
    said = conversation.messages.filter(sender=Message.Sender.PATIENT).order_by("-id")
    texts = list(said.values_list("text", flat=True)[:LIMIT])
    visits = list(conversation.appointments.values_list("contact", "first_name"))
    return masking.personal_details([*texts, *(contact for contact, _ in visits), conversation.phone or ""],
                                    [name for _, name in visits])
