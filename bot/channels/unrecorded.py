"""Messages that the records cannot take right now, handed to this machine's disk."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.channels import metrics
from bot.channels.decide import Decision
from bot.records import spool
from bot.records.alerts import priority
from bot.records.models import Message
from bot.records.store import Reply
from bot.records.unspool import reply_id
from bot.screening import Screening, Tier

if TYPE_CHECKING:
    from bot.channels.inbound import Inbound

log = logging.getLogger(__name__)
TRY_AGAIN = 1.0  # seconds


class Memory:
    """What not even the disk takes: held by this process until it does, so that staff hear of it."""

    def __init__(self, most: int = 5000) -> None:
        self._waiting: deque[spool.Kept] = deque(maxlen=most)
        self._lock = threading.Lock()
        self._trying: threading.Thread | None = None

    def hold(self, message: spool.Kept) -> None:
        """Hold a message, and try to get it onto the disk every second."""
        with self._lock:
            self._waiting.append(message)
            if self._trying is None:
                self._trying = threading.Thread(target=self._try, name="unkept", daemon=True)
                self._trying.start()

    def _try(self) -> None:
        while True:
            time.sleep(TRY_AGAIN)
            with self._lock:
                try:
                    while self._waiting:
                        spool.keep(self._waiting[0])
                        self._waiting.popleft()
                except OSError:
                    continue
                self._trying = None
                return


_memory = Memory()


def keep(inbound: Inbound, screening: Screening, decision: Decision, replies: Sequence[Reply],
         phone: str | None, now: datetime) -> bool:
    """Write a message and its answer to the disk and return whether that worked."""
    tapped = inbound.choice
    message = spool.Kept(
        channel=inbound.conversation.channel, conversation=inbound.conversation.pk, phone=phone,
        dedup=inbound.dedup, client_id=inbound.client_id, text=inbound.text, at=now.isoformat(),
        extra={**inbound.extra, **({"choice": tapped["label"], "choice_send": tapped["send"]} if tapped else {})},
        verdict=screening.as_dict(inbound.text), changes=decision.changes,
        level=priority(screening.tier.value, screening.category.value, screening.subject.value),
        replies=[{"kind": reply.kind, "text": reply.text, "extra": reply.extra} for reply in replies],
        told_rasa=screening.tier < Tier.CHECK_IN)
    try:
        spool.keep(message)
    except OSError as error:
        log.error("A message could not be kept on the disk either: %s", error.strerror)
        metrics.FAULTS.labels("disk").inc()
        _memory.hold(message)
        return False
    return True


def as_messages(inbound: Inbound, replies: Sequence[Reply]) -> list[Message]:
    """Return replies that are on no record, marked as those that will be."""
    return [Message(conversation=inbound.conversation, sender=Message.Sender.BOT, kind=reply.kind, text=reply.text,
                    extra=reply.extra, client_id=reply_id(inbound.client_id)) for reply in replies]
