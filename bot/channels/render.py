"""A message on record as the JSON that the widget reads."""

from __future__ import annotations

import re
from typing import Any

from bot.records.models import Message

_CHOICE = re.compile(r"([0-9]{1,18})\.([0-9]{1,3})")


def as_json(message: Message) -> dict[str, Any]:
    """Return the contract's shape of a message out."""
    extra = message.extra
    body: dict[str, Any] = {
        "id": message.pk,
        "from": message.sender,
        "kind": message.kind,
        "text": message.text,
        "choices": [{"id": choice_id(message, index), "label": choice["label"]}
                    for index, choice in enumerate(extra.get("choices", []))],
        "sources": extra.get("sources", []),
        "resources": extra.get("resources", []),
        "at": message.at.isoformat(),
    }
    if extra.get("input"):
        body["input"] = extra["input"]
    if message.client_id:
        body["client_id"] = message.client_id
    if message.sender == "staff" and message.staff:
        body["name"] = message.staff.get_full_name() or "Clinic staff"
    return body


def choice_id(message: Message, index: int) -> str:
    """Return the opaque id of a button; it is only good within its own conversation."""
    return f"{message.pk}.{index}"


def resolve_choice(conversation_id: int, choice: str) -> dict[str, Any] | None:
    """Return what a button stands for ({"label", "send"}), or None when it is not of this conversation."""
    found = _CHOICE.fullmatch(choice)
    if found is None:
        return None
    number, index = map(int, found.groups())
    message = Message.objects.filter(pk=number, conversation_id=conversation_id).exclude(
        sender=Message.Sender.PATIENT).first()
    choices = message.extra.get("choices", []) if message else []
    return choices[index] if index < len(choices) else None
