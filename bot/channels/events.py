"""New messages as server-sent events: one query a tick for all listeners of a process.

The database is what all processes share, so a staff member's reply written by one process
reaches a patient who is connected to another.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator

from django.db import DatabaseError

from bot.channels.render import as_json
from bot.channels.service import get_gateway
from bot.records.models import Message

TICK = 0.5  # seconds
KEEP_ALIVE = 20.0


class Hub:
    """Hands new messages to whoever listens to their conversation."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[asyncio.Queue[Message]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    async def listen(self, conversation_id: int) -> AsyncIterator[str]:
        """Yield server-sent events of a conversation, and a comment when nothing comes for a while."""
        queue: asyncio.Queue[Message] = asyncio.Queue(maxsize=200)
        self._listeners[conversation_id].add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())
        try:
            yield "retry: 2000\n\n"
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), KEEP_ALIVE)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                yield f"id: {message.pk}\nevent: message\ndata: {json.dumps(as_json(message))}\n\n"
        finally:
            self._listeners[conversation_id].discard(queue)
            if not self._listeners[conversation_id]:
                del self._listeners[conversation_id]

    async def _poll(self) -> None:
        run = get_gateway().in_thread
        last = await run(_newest)
        while self._listeners:
            await asyncio.sleep(TICK)
            try:
                fresh = await run(_since, last)
            except DatabaseError:  # away for a while; the listeners wait
                continue
            for message in fresh:
                last = max(last, message.pk)
                for queue in self._listeners.get(message.conversation_id, ()):
                    if not queue.full():
                        queue.put_nowait(message)


def _newest() -> int:
    return Message.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _since(last: int) -> list[Message]:
    return list(Message.objects.filter(id__gt=last).select_related("staff").order_by("id")[:500])


hub = Hub()
