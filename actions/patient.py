"""Who is asking, in which language and zone, and what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from rasa_sdk import Tracker

from bot.records.models import Conversation
from bot.settings import get_settings

_clock: Callable[[], datetime] = timezone.now


def install_clock(clock: Callable[[], datetime]) -> None:
    """Make this the clock of all actions of the process."""
    global _clock
    _clock = clock


def now() -> datetime:
    """Return the time, in UTC."""
    return _clock()


def local_now() -> datetime:
    """Return the time in the clinic's zone."""
    return _clock().astimezone(get_settings().clinic.zone)


def conversation_of(tracker: Tracker) -> Conversation | None:
    """Return the conversation on record that Rasa's tracker belongs to; `rasa shell` has none."""
    return Conversation.objects.filter(case=tracker.sender_id).first()


def language_of(conversation: Conversation | None, tracker: Tracker | None = None) -> str:
    """Return the language to speak in; a booking goes on in the one that it began in ("Ana" is no language)."""
    if tracker is not None and tracker.get_slot("language"):
        return str(tracker.get_slot("language"))
    return conversation.language if conversation and conversation.language in get_settings().clinic.languages else "en"


def zone_of(conversation: Conversation | None) -> ZoneInfo | None:
    """Return the patient's own time zone where it is known."""
    try:
        return ZoneInfo(conversation.time_zone) if conversation and conversation.time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def phone_of(tracker: Tracker) -> str | None:
    """Return the phone that the patient texts from; it stands in the records only, never in the tracker."""
    conversation = conversation_of(tracker)
    return conversation.phone if conversation else None
