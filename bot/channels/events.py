"""New messages as server-sent events: one query a tick for all listeners of a process.

The database is what all processes share, so a staff member's reply written by one process
reaches a patient who is connected to another. Redis, where there is one, says when to look.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.channels.render import as_json
from bot.channels.service import get_gateway
from bot.records import signs, store
from bot.records.models import Conversation, Message
from bot.records.news import CHANNEL
from bot.settings import get_settings

log = logging.getLogger(__name__)
TICK = 0.5  # seconds between two looks at the database; Redis only shortens the wait
KEEP_ALIVE = 20.0
REDIS_AGAIN = 2.0
BATCH = 500


class Hub:
    """Hands new messages to whoever listens to their conversation."""

    def __init__(self) -> None:
        # What a listener gets: a message, or None for "staff are typing".
        self._listeners: dict[int, set[asyncio.Queue[Message | None]]] = defaultdict(set)
        self._tasks: list[asyncio.Task[None]] = []
        self._look = asyncio.Event()
        self._began = asyncio.Event()  # the first look is done

    def listening(self, conversation_id: int) -> int:
        """Return how many streams of a conversation are open in this process."""
        return len(self._listeners.get(conversation_id, ()))

    async def listen(self, conversation_id: int, after: int | None = None) -> AsyncIterator[str]:
        """Yield server-sent events of a conversation, and a comment when nothing comes for a while.

        With `after`, what is on record with a higher id comes first.
        """
        queue: asyncio.Queue[Message | None] = asyncio.Queue(maxsize=200)
        self._listeners[conversation_id].add(queue)
        if not self._tasks or any(task.done() for task in self._tasks):
            self._start()
        try:
            # What comes after the first look is news, what came before is missed; until then nobody is "connected".
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._began.wait(), KEEP_ALIVE / 2)
            yield "retry: 2000\n\n"
            sent: set[int] = set()
            for missed in await self._missed(conversation_id, after):
                sent.add(missed.pk)
                yield _event(missed)
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), KEEP_ALIVE)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if message is None:
                    yield "event: typing\ndata: {}\n\n"
                elif message.pk not in sent:
                    yield _event(message)
        finally:
            self._listeners[conversation_id].discard(queue)
            if not self._listeners[conversation_id]:
                del self._listeners[conversation_id]
            if not self._listeners:
                self._stop()

    async def _missed(self, conversation_id: int, after: int | None) -> list[Message]:
        if after is None:
            return []
        try:
            return await get_gateway().in_thread(store.messages_after, Conversation(pk=conversation_id), after)
        except DatabaseError:  # the page asks for its history too
            return []

    def _start(self) -> None:
        self._stop()
        self._look, self._began = asyncio.Event(), asyncio.Event()
        self._tasks = [asyncio.create_task(self._poll())]
        if url := get_settings().env.redis_url:
            self._tasks.append(asyncio.create_task(self._hear(url)))

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def _poll(self) -> None:
        run, fresh = get_gateway().in_thread, None
        typed: dict[int, datetime] = {}
        while True:
            try:
                if fresh is None:
                    fresh = await run(lambda: Fresh(_newest()))
                    self._began.set()
                else:
                    for message in await run(fresh.read):
                        self._hand(message.conversation_id, message)
                typing = await run(lambda: signs.staff_types(timezone.now()))
                for key, at in typing.items():
                    if typed.get(key) != at:
                        self._hand(key, None)
                typed = typing
            except DatabaseError as error:  # away for a while; the listeners wait
                log.error("The records are away; listeners wait: %s", type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), TICK)
            self._look.clear()

    def _hand(self, conversation_id: int, what: Message | None) -> None:
        for queue in self._listeners.get(conversation_id, ()):
            if not queue.full():
                queue.put_nowait(what)

    async def _hear(self, url: str) -> None:
        """Look at once when another process says that a conversation that is listened to has something new."""
        while True:
            try:
                async with Redis.from_url(url, socket_connect_timeout=REDIS_AGAIN) as redis, redis.pubsub() as news:
                    await news.subscribe(CHANNEL)
                    async for word in news.listen():
                        if word["type"] == "message" and int(word["data"]) in self._listeners:
                            self._look.set()
            except (RedisError, OSError, ValueError) as error:
                log.error("Redis is away; news comes by looking: %s", type(error).__name__)
            await asyncio.sleep(REDIS_AGAIN)


class Fresh:
    """What came since the last look, each message once.

    PostgreSQL gives a row its id before it is there to be read, so one with a lower id can come after
    one with a higher: ids that were left out are looked for again until nothing can still be on its way.
    """

    STILL_COMING = 10.0  # seconds; no transaction of ours lives as long
    MOST_GAPS = 1000

    def __init__(self, newest: int) -> None:
        self._last = newest
        self._gaps: deque[tuple[float, int]] = deque(maxlen=self.MOST_GAPS)
        self._note_gaps(range(max(1, newest - 20), newest), known=set(
            Message.objects.filter(id__gt=newest - 21).values_list("id", flat=True)) if newest else set())

    def read(self) -> list[Message]:
        """Return the messages that were not returned before, oldest first."""
        found = list(_messages(id__gt=self._last)[:BATCH])
        while self._gaps and self._gaps[0][0] < time.monotonic() - self.STILL_COMING:
            self._gaps.popleft()
        if self._gaps:
            late = list(_messages(id__in=[number for _, number in self._gaps]))
            came = {message.pk for message in late}
            self._gaps = deque((gap for gap in self._gaps if gap[1] not in came), maxlen=self.MOST_GAPS)
            found = [*late, *found]
        if found and (newest := max(message.pk for message in found)) > self._last:
            left_out = range(max(self._last + 1, newest - self.MOST_GAPS), newest)
            self._note_gaps(left_out, {message.pk for message in found})
            self._last = newest
        return found

    def _note_gaps(self, numbers: range, known: set[int]) -> None:
        now = time.monotonic()
        self._gaps.extend((now, number) for number in numbers if number not in known)


def _event(message: Message) -> str:
    return f"id: {message.pk}\nevent: message\ndata: {json.dumps(as_json(message))}\n\n"


def _newest() -> int:
    return Message.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _messages(**where: Any) -> QuerySet[Message]:
    return Message.objects.filter(**where).select_related("staff").order_by("id")


hub = Hub()
