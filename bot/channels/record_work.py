"""Database work beside the event loop, in threads that keep their connections, no longer than a patient can wait."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DatabaseError, close_old_connections, connection

from bot.records import durable
from bot.screening import Screen, Tier

log = logging.getLogger(__name__)
T = TypeVar("T")
DANGER_WAIT = 1.0  # seconds that a message which reads as danger waits for the records


class RecordsSlow(DatabaseError):
    """The records took longer than the patient can wait."""


class RecordWork:
    """Does database work for whoever has a screen and a time limit (`timeout`, seconds)."""

    def __init__(self, screen: Screen, timeout: float, threads: int) -> None:
        self.screen, self.timeout = screen, timeout
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="records")

    async def in_time(self, text: str, gone: threading.Event, work: Callable[..., T], *args: Any) -> T:
        """Return what database work over a patient's text comes to.

        Raises `RecordsSlow` after a second when the text reads as danger, else when Rasa's time is over,
        and sets `gone`, so that the work does not go on behind the answer that is given instead.
        """
        task = asyncio.ensure_future(self.in_thread(_through_to_disk(work), *args))
        await asyncio.wait({task}, timeout=DANGER_WAIT)
        if not task.done() and self.screen.read(text).tier < Tier.CHECK_IN:
            await asyncio.wait({task}, timeout=self.timeout - DANGER_WAIT)
        if not task.done():
            gone.set()
            task.add_done_callback(_forget)
            raise RecordsSlow
        return task.result()

    async def in_thread(self, work: Callable[..., T], *args: Any) -> T:
        """Run database work in the gateway's own threads, which keep their connections."""
        here = contextvars.copy_context()  # the request's id goes along
        return await asyncio.get_running_loop().run_in_executor(self._threads, here.run, _with_connection, work, args)


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
