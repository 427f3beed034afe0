"""One renewal at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(RuntimeError):
    """Another renewal is at work."""


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold the lock, which ends with the process whatever becomes of it; raises `Busy`."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "renew.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("another renewal is at work") from None
        yield
