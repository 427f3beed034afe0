"""What the live pages are told each second: whether anything changed, and the open alerts in a header."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.utils.crypto import salted_hmac

from bot.desk import queue
from bot.records.models import Alert, Conversation, Message

RENEW = 30  # seconds after which a page is written anew in any case: something may have become late


def news() -> dict[str, Any]:
    """Return how many alerts are open, and the newest open P1 with its case."""
    key, case = queue.newest_p1()
    return {"open_alerts": queue.count_open_alerts(), "p1": key, "p1_case": case}


def answer(html: str, told: dict[str, Any]) -> HttpResponse:
    """Return the new parts of a page, or nothing to swap; the news go into a header that htmx hands on."""
    response = HttpResponse(html) if html else HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({"desk:news": told})
    return response


def anew(told: dict[str, Any]) -> HttpResponse:
    """Tell the page to load itself anew."""
    response = answer("", told)
    response["HX-Refresh"] = "true"
    return response


def stamp(told: dict[str, Any], now: datetime, *more: object) -> str:
    """Return a sign that is another one as soon as a message, an alert or a conversation is: four look-ups by index.

    Whoever changes what the queue shows of a conversation touches its `updated_at`.
    """
    newest = Conversation.objects.aggregate(at=Max("updated_at"))["at"]
    last = [model.objects.aggregate(key=Max("id"))["key"] for model in (Message, Alert)]
    seen = (newest, last, told["open_alerts"], int(now.timestamp()) // RENEW, *more)
    return mark("|".join(map(str, seen)))


def mark(text: str) -> str:
    """Return a short sign of a text."""
    return salted_hmac("desk.live", text).hexdigest()[:16]
