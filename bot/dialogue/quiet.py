"""Keeps patients' words out of the logs of Rasa and its action server.

Both write whole messages, slots and request bodies into their error lines. What is left here is
where it happened and what kind of error it was.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from bot.logs import places

TALKATIVE = frozenset({"rasa", "rasa_sdk", "sanic", "asyncio", "sqlalchemy", "aiohttp"})


def install() -> None:
    """Replace the text of every warning and error of the talkative libraries by its place."""
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    make = logging.getLogRecordFactory()
    if getattr(make, "quiet", False):
        return

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        made = make(*args, **kwargs)
        if (made.name or "").partition(".")[0] in TALKATIVE and made.levelno >= logging.WARNING:
            kind = ""
            if made.exc_info and made.exc_info[0]:
                # Fields of our own lines, for when bot/logs.py writes them.
                made.error, made.where = made.exc_info[0].__name__, places(made.exc_info[2])
                kind = made.exc_info[0].__name__
            made.msg, made.args = f"at {made.module}:{made.lineno} {kind}".rstrip(), ()
            made.exc_info = made.exc_text = made.stack_info = None
        return made

    record.quiet = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record)
