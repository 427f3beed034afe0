"""What is left of a line, and what of an error."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from io import StringIO

import pytest

from bot import logs
from bot.dialogue import quiet


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """Return what a configured process writes; afterwards the tests log as before."""
    root, out = logging.getLogger(), StringIO()
    before, level, hooks = root.handlers[:], root.level, (sys.excepthook, logs.threading.excepthook)
    monkeypatch.setattr(sys, "stderr", out)
    # A new process starts with no library silenced; other tests may have loaded what silences some of them.
    loggers = [logger for logger in logging.Logger.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    silenced = [(logger, logger.level, logger.disabled) for logger in loggers]
    for logger in loggers:
        logger.disabled = False
        logger.setLevel(logging.NOTSET)
    logs.configure("test")
    yield out
    for logger, was, disabled in silenced:
        logger.disabled = disabled
        logger.setLevel(was)
    root.handlers[:] = before
    root.setLevel(level)
    sys.excepthook, logs.threading.excepthook = hooks
    logs.bind("")


def last(out: StringIO) -> dict[str, object]:
    return dict(json.loads(out.getvalue().splitlines()[-1]))


def test_our_line_carries_its_fields_and_its_request(said: StringIO) -> None:
    request = logs.bind(logs.new_request())
    logging.getLogger("bot.somewhere").info("answered", extra={"kind": "answer", "ms": 3.2, "text": "a patient's words"})
    line = last(said)
    assert line["request"] == request and line["kind"] == "answer" and line["process"] == "test"
    assert "text" not in line and "at" in line


@pytest.mark.parametrize("name", ["rasa.core", "sqlalchemy", "django.db", "asyncio", "some.library"])
def test_of_a_librarys_error_only_kind_and_place_are_left(said: StringIO, name: str) -> None:
    try:
        raise ValueError("I want to die")
    except ValueError:
        logging.getLogger(name).error("failed on %s", "I want to die", exc_info=True, stack_info=True)
    line = last(said)
    assert line["error"] == "ValueError" and "test_logs.py:" in str(line["where"])
    assert "die" not in said.getvalue() and "failed" not in said.getvalue()


def test_a_libraries_chatter_is_not_heard(said: StringIO) -> None:
    logging.getLogger("some.library").info("I want to die")
    logging.getLogger("uvicorn.error").info("Application startup complete.")
    assert "die" not in said.getvalue() and last(said)["event"] == "Application startup complete."


def test_an_error_that_ends_a_process_is_one_line(said: StringIO) -> None:
    try:
        raise LookupError("I want to die")
    except LookupError as error:
        sys.excepthook(LookupError, error, error.__traceback__)
    assert last(said)["error"] == "LookupError" and "die" not in said.getvalue()


@pytest.mark.parametrize("given", ["", None, 7, "i want to die", "a" * 31, "A" * 32, "a" * 32 + "\n"])
def test_what_is_no_id_is_never_logged(given: object) -> None:
    assert logs.bind(given) == "" and logs.current() == ""


def test_rasas_errors_keep_their_kind_and_place(said: StringIO) -> None:
    before = logging.getLogRecordFactory()
    quiet.install()
    try:
        test_of_a_librarys_error_only_kind_and_place_are_left(said, "rasa.core")
    finally:
        logging.setLogRecordFactory(before)
