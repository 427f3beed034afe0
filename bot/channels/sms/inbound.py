"""A text as Twilio hands it in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from bot.channels.text import clean

# E.164, or a short code.
_PHONE = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}")


@dataclass(frozen=True)
class InboundText:
    """What the webhook's fields say of one text."""

    sid: str
    sender: str
    body: str
    pictures: int
    opt_out_type: str | None

    @property
    def dedup(self) -> str:
        """Return what makes the text unique on record."""
        return f"sms:{self.sid}"

    @property
    def is_from_phone(self) -> bool:
        """Return whether it came as a text message, not through another app (`whatsapp:+1…`) or nameless."""
        return _PHONE.fullmatch(self.sender) is not None

    @property
    def as_phone(self) -> InboundText:
        """Return the same text as one of the phone behind another app's address; of an unknown sender as nobody's."""
        name = self.sender.rpartition(":")[2]
        known = name if _PHONE.fullmatch(name) else self.sender if ":" in self.sender else f"unknown:{self.sid}"
        return replace(self, sender=known)

    @property
    def extra(self) -> dict[str, Any]:
        """Return what goes on record beside the words."""
        return {"pictures": self.pictures} if self.pictures else {}


def read_text(params: QueryDict) -> InboundText | None:
    """Return the text in a webhook call's fields, or None when it has no id."""
    sid = params.get("MessageSid") or params.get("SmsMessageSid") or params.get("SmsSid") or ""
    if not re.fullmatch(r"\w{2,64}", sid):
        return None
    media = params.get("NumMedia", "0")
    kind = params.get("OptOutType", "").upper()
    return InboundText(sid=sid, sender=params.get("From", ""), body=clean(params.get("Body", "")),
                       pictures=min(int(media), 10) if media.isascii() and media.isdigit() else 0,
                       opt_out_type=kind if kind in ("STOP", "START", "HELP") else None)
