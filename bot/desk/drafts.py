"""What is unsigned or expired, and whether the draft banner hangs."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from django.db import connections

log = logging.getLogger(__name__)
KEEP_SECONDS = 600.0


@dataclass(frozen=True)
class Content:
    """The findings of `bot doctor` as (level, topic, text); `known` is False while nobody knows them."""

    findings: tuple[tuple[str, str, str], ...] = ()
    known: bool = False

    @property
    def is_draft(self) -> bool:
        """Return whether something is unsigned; when nobody knows, it is."""
        return not self.known or any(topic == "draft" for _, topic, _ in self.findings)


_kept = Content()
_due = 0.0  # on the monotonic clock, in seconds
_checking = threading.Lock()


def read_content() -> Content:
    """Return the last known state at once; a check that is due runs beside, since it reads every file."""
    if time.monotonic() >= _due and not _checking.locked():
        threading.Thread(target=check_now, name="content-check", daemon=True).start()
    return _kept


def check_now() -> None:
    """Run the check and keep what it finds; only one runs at a time."""
    global _kept, _due
    if not _checking.acquire(blocking=False):
        return
    try:
        _kept = _check()
        _due = time.monotonic() + KEEP_SECONDS
    finally:
        _checking.release()


def _check() -> Content:
    try:
        from bot.commands.doctor import findings

        return Content(tuple((f.level, f.topic, f.text) for f in findings()), known=True)
    except Exception as error:  # the desk must open whatever is wrong with the content
        log.error("The content check failed: %s", type(error).__name__)
        return Content()
    finally:
        if threading.current_thread() is not threading.main_thread():
            connections.close_all()
