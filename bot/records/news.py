"""Word between processes that a conversation has something new, by Redis where there is one.

The database alone would do: whoever listens looks there anyway. Redis only says when, so that a staff
member's reply is seen at once and not at the next look; nothing waits for it and nothing needs it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from functools import lru_cache
from queue import Full, Queue

from django.db import transaction
from redis import Redis
from redis.exceptions import RedisError

from bot.settings import get_settings

log = logging.getLogger("bot.news")
CHANNEL = "bot:news"
LOOK_AGAIN = 2.0  # seconds without asking a Redis that did not answer


def tell(conversation_id: int) -> None:
    """Let every web process know, once what was written is there to be read."""
    if get_settings().env.redis_url:
        transaction.on_commit(lambda: _teller().put(conversation_id))


class _Teller:
    """Publishes from a thread of its own: a Redis that hangs must not hold up a reply."""

    def __init__(self, url: str) -> None:
        self._queue: Queue[int] = Queue(maxsize=1000)
        self._redis = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        threading.Thread(target=self._run, name="news", daemon=True).start()

    def put(self, conversation_id: int) -> None:
        with contextlib.suppress(Full):  # those who listen look at the database by themselves
            self._queue.put_nowait(conversation_id)

    def _run(self) -> None:
        away_until = 0.0
        while True:
            conversation_id = self._queue.get()
            if time.monotonic() < away_until:
                continue
            try:
                self._redis.publish(CHANNEL, str(conversation_id))
            except (RedisError, OSError) as error:
                log.error("Redis is away; news waits for the next look: %s", type(error).__name__)
                away_until = time.monotonic() + LOOK_AGAIN


@lru_cache(maxsize=1)
def _teller() -> _Teller:
    return _Teller(str(get_settings().env.redis_url))
