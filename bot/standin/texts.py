"""Texts as Twilio keeps them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from bot.gsm7 import segments


@dataclass
class Text:
    """One text, in or out; `seen` numbers what a phone has shown, so that it can ask for what is new."""

    account: str
    sender: str
    to: str
    body: str
    direction: str  # inbound, outbound-api, outbound-reply
    status: str
    callback: str | None = None
    service: str | None = None
    error: int | None = None
    seen: int = 0
    sid: str = field(default_factory=lambda: "SM" + secrets.token_hex(16))
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_json(self) -> dict[str, Any]:
        """Return the message resource of the REST API."""
        at = format_datetime(self.created)
        base = f"/2010-04-01/Accounts/{self.account}/Messages/{self.sid}"
        return {
            "account_sid": self.account, "api_version": "2010-04-01", "body": self.body, "date_created": at,
            "date_sent": None if self.status in ("queued", "accepted") else at, "date_updated": at,
            "direction": self.direction, "error_code": self.error, "error_message": None, "from": self.sender,
            "messaging_service_sid": self.service, "num_media": "0", "num_segments": str(segments(self.body)),
            "price": None, "price_unit": "USD", "sid": self.sid, "status": self.status,
            "subresource_uris": {"media": f"{base}/Media.json"}, "tags": None, "to": self.to, "uri": f"{base}.json"}

    def as_seen(self) -> dict[str, Any]:
        """Return what a phone shows of it."""
        return {"seen": self.seen, "mine": self.direction == "inbound", "body": self.body, "status": self.status,
                "error": self.error, "sid": self.sid}


class Texts:
    """All texts of the account, found by SID and by phone."""

    def __init__(self) -> None:
        self.by_sid: dict[str, Text] = {}
        self._by_phone: dict[str, list[Text]] = {}
        self._last = 0

    def add(self, text: Text) -> Text:
        """Keep a text."""
        self.by_sid[text.sid] = text
        self._by_phone.setdefault(text.sender if text.direction == "inbound" else text.to, []).append(text)
        return text

    def show(self, text: Text) -> None:
        """Let the phone see a text, or its change."""
        self._last += 1
        text.seen = self._last

    def of_phone(self, phone: str) -> list[Text]:
        """Return what a phone sent and was sent, oldest first."""
        return self._by_phone.get(phone, [])

    def all(self) -> Iterable[Text]:
        """Return every text, oldest first."""
        return self.by_sid.values()
