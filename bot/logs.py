"""Logs as one JSON object a line, with the request that each belongs to and without a word of a patient.

What our own code says is written by us. What libraries say may quote a message, a slot or a statement's
values: of a warning or error of theirs only the place and the kind are kept.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import threading
import traceback
from contextvars import ContextVar
from types import TracebackType
from typing import Any

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter

# What our own lines may carry beside their words: names, counts and times.
FIELDS = ("action", "attempts", "case", "channel", "error", "kind", "ms", "number", "part", "reason", "replies",
          "row", "status", "tier", "where")
OURS = ("bot", "actions", "__main__")
# What libraries may say that is not a warning.
HEARD = ("uvicorn.error",)
FRAMES = 6
_VALID = re.compile(r"[0-9a-f]{32}")
_request: ContextVar[str] = ContextVar("request", default="")


def new_request() -> str:
    """Return a fresh id of a request: 32 hexadecimal digits, as nginx makes them."""
    return secrets.token_hex(16)


def bind(request: object) -> str:
    """Let what follows in this task or thread belong to a request; what is no id (it might be words) becomes none."""
    found = request if isinstance(request, str) and _VALID.fullmatch(request) else ""
    _request.set(found)
    return found


def current() -> str:
    """Return the id of the request that is being worked on, or ""."""
    return _request.get()


def configure(process: str) -> None:
    """Send everything that this process logs to standard error, as lines of JSON."""
    handler = logging.StreamHandler()
    handler.addFilter(_discreet)
    handler.setFormatter(ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, ExtraAdder(FIELDS),
                           structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"), _about(process)],
        processors=[ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(sort_keys=True)]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in list(logging.Logger.manager.loggerDict):
        logger = logging.getLogger(name)
        if name not in HEARD and not _is_ours(name):
            logger.setLevel(max(logging.WARNING, logger.level))
        logger.handlers[:], logger.propagate = [], True
    # Each refused request would be a line: the metrics count them.
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    sys.excepthook = _uncaught
    threading.excepthook = lambda found: _uncaught(found.exc_type, found.exc_value, found.exc_traceback)


def places(found: TracebackType | None) -> str:
    """Return the innermost places of a traceback, without the lines that stand there."""
    frames = traceback.extract_tb(found)[-FRAMES:]
    return " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)


def _discreet(record: logging.LogRecord) -> bool:
    """Leave of an error its kind and place, and of a library's line no more than that."""
    if not _is_ours(record.name) and record.name not in HEARD and record.levelno < logging.WARNING:
        return False
    if record.exc_info and record.exc_info[0]:
        record.error, record.where = record.exc_info[0].__name__, places(record.exc_info[2])
    record.exc_info = record.exc_text = record.stack_info = None
    if not _is_ours(record.name) and record.levelno >= logging.WARNING:
        record.msg, record.args = f"at {record.module}:{record.lineno}", ()
    return True


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in OURS


def _about(process: str) -> Any:
    def add(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
        event["process"] = process
        if current():
            event["request"] = current()
        return event

    return add


def _uncaught(kind: type[BaseException], error: BaseException | None, found: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log = logging.getLogger("bot")
    log.critical("The process ends with an error", extra={"error": kind.__name__, "where": places(found)})
