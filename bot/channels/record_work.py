"""Database work beside the event loop, in threads that keep their connections, no longer than a patient can wait."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DatabaseError, close_old_connections, connection

from bot.records import durable
from bot.screening import Screen, Screening, Tier

log = logging.getLogger(__name__)
T = TypeVar("T")
DANGER_WAIT = 1.0  # seconds that a message which reads as danger waits for the records


class RecordsSlow(DatabaseError):
    """The records took longer than the patient can wait; `screening` is what their text reads as."""

    def __init__(self, screening: Screening) -> None:
        super().__init__()
        self.screening = screening


class RecordWork:
    """Does database work for whoever has a screen and a time limit (`timeout`, seconds).

    Where more is written than this machine can carry, work waits for a thread. Danger does not wait
    behind the rest: what the lexicon takes for danger has a thread of its own.
    """

    def __init__(self, screen: Screen, timeout: float, threads: int) -> None:
        self.screen, self.timeout = screen, timeout
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="records")
        self._danger = ThreadPoolExecutor(1, thread_name_prefix="danger")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reader")

    async def in_time(self, text: str, urgent: bool, gone: threading.Event, work: Callable[..., T], *args: Any) -> T:
        """Return what database work over a patient's text comes to; what is `urgent` does not wait behind the rest.

        Raises `RecordsSlow` after a second when the text reads as danger, else when Rasa's time is over,
        and sets `gone`, so that the work does not go on behind the answer that is given instead.
        """
        started = time.monotonic()
        threads = self._danger if urgent else self._threads
        task = asyncio.ensure_future(self._run(threads, _through_to_disk(work), *args))
        await asyncio.wait({task}, timeout=DANGER_WAIT)
        if not task.done():
            screening = await self.screened(text)
            if screening.tier < Tier.CHECK_IN:
                await asyncio.wait({task}, timeout=max(0.0, started + self.timeout - time.monotonic()))
            if not task.done():
                gone.set()
                task.add_done_callback(_forget)
                raise RecordsSlow(screening)
        return task.result()

    def is_urgent(self, text: str) -> bool:
        """Return whether the lexicon alone takes a text for danger."""
        return self.screen.glance(text) >= Tier.CRISIS

    async def screened(self, text: str) -> Screening:
        """Return what a text by itself reads as: danger at once, the rest one after the other."""
        if self.is_urgent(text):
            return self.screen.read(text)
        return await asyncio.get_running_loop().run_in_executor(self._reader, self.screen.read, text)

    async def in_thread(self, work: Callable[..., T], *args: Any) -> T:
        """Run database work in the gateway's own threads, which keep their connections."""
        return await self._run(self._threads, work, *args)

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[..., T], *args: Any) -> T:
        here = contextvars.copy_context()  # the request's id goes along
        return await asyncio.get_running_loop().run_in_executor(threads, here.run, _with_connection, work, args)


def _forget(task: asyncio.Future[Any]) -> None:
    """Take note of how abandoned work ended, so that it is not reported as overlooked."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.info("Work that nobody waited for ended with %s", type(error).__name__)


def _with_connection(work: Callable[..., T], args: tuple[Any, ...]) -> T:
    if not connection.in_atomic_block:
        close_old_connections()
    durable.lazily()
    return work(*args)


def _through_to_disk(work: Callable[..., T]) -> Callable[..., T]:
    """Return work that comes back when what it wrote cannot be lost any more."""
    def then_through(*args: Any) -> T:
        done = work(*args)
        durable.through()
        return done

    return then_through
