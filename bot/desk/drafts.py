"""What is unsigned or expired, and whether the draft banner hangs."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

log = logging.getLogger(__name__)
KEEP_SECONDS = 60.0  # the check reads every content file


@dataclass(frozen=True)
class Content:
    """The findings of `bot doctor`; `known` is False when they could not be had."""

    findings: tuple[tuple[str, str], ...]
    known: bool

    @property
    def is_draft(self) -> bool:
        """Return whether something is unsigned; when nobody knows, it is."""
        return not self.known or any("signed" in text.lower() for _, text in self.findings)


_kept: tuple[float, Content] | None = None


def read_content(fresh: bool = False) -> Content:
    """Return the state of the content, at most a minute old unless `fresh`."""
    global _kept
    if fresh or _kept is None or time.monotonic() - _kept[0] > KEEP_SECONDS:
        _kept = (time.monotonic(), _read())
    return _kept[1]


def _read() -> Content:
    try:
        from bot.commands.doctor import findings

        return Content(tuple((str(f.level), str(f.text)) for f in findings()), known=True)
    except Exception as error:  # the desk must open whatever is wrong with the content
        log.error("The content check failed: %s", type(error).__name__)
        return Content((), known=False)
