"""One message of a conversation at a time in Rasa, over any number of Rasa processes.

The gateway lets one message of a conversation in at a time already (`bot/records/store.py`); this is the
second bolt, for turns that the gateway gave up on and Rasa still works at. Rasa's own Redis store reads
a lock, changes it and writes it back, and lost messages that came at once; this one takes it in one step.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import Any, AsyncGenerator, Optional, Text
from weakref import WeakValueDictionary

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.asyncio import Redis
from redis.exceptions import LockNotOwnedError, RedisError

log = logging.getLogger(__name__)
PREFIX = "bot:turn:"
POLL = 0.02          # seconds between two tries for a lock that another process holds
PATIENCE = 1.0       # seconds that Redis may take; patients wait meanwhile
LOOK_AGAIN = 2.0     # seconds without asking a Redis that did not answer


class ClinicLockStore(LockStore):
    """Locks within this process, and in Redis where `REDIS_URL` names one.

    While Redis is away, turns go on with the lock of this process and the gateway's lease: a
    patient who gets an answer out of turn is better served than one who gets none.
    """

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None) -> None:
        url = str(getattr(endpoint_config, "url", None) or "")
        self._locks: WeakValueDictionary[Text, asyncio.Lock] = WeakValueDictionary()  # gone with its last holder
        self._redis: Any = None
        self._away_until = 0.0
        if url.startswith(("redis://", "rediss://", "unix://")):
            self._redis = Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)

    @asynccontextmanager
    async def lock(self, conversation_id: Text, lock_lifetime: float = LOCK_LIFETIME,
                   wait_time_in_seconds: float = 1) -> AsyncGenerator[TicketLock, None]:
        """Hold a conversation's lock; raises `LockError` when another process holds it for a whole lifetime."""
        local = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with local:
            held = await self._take(conversation_id, lock_lifetime)
            try:
                yield TicketLock(conversation_id)
            finally:
                await self._give_back(held)

    async def _take(self, conversation_id: Text, lifetime: float) -> Any:
        now = asyncio.get_running_loop().time()
        if self._redis is None or now < self._away_until:
            return None
        held = self._redis.lock(PREFIX + conversation_id, timeout=lifetime, sleep=POLL, blocking_timeout=lifetime)
        try:
            if not await held.acquire():
                raise LockError("another process held the conversation for too long")
        except (OSError, RedisError) as error:
            self._is_away(error)
            return None
        return held

    async def _give_back(self, held: Any) -> None:
        if held is None:
            return
        try:
            await held.release()
        except LockNotOwnedError:
            log.error("A turn took longer than its lock lives")
        except (OSError, RedisError) as error:  # the lock ends by itself after its lifetime
            self._is_away(error)

    def _is_away(self, error: Exception) -> None:
        log.error("Redis is away; turns go on without its locks: %s", type(error).__name__)
        self._away_until = asyncio.get_running_loop().time() + LOOK_AGAIN

