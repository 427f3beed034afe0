"""Supervisor, except that a log which cannot be written costs its lines and nothing else.

As it comes, it reports a log that fails to another log, and ends when that fails too: a full disk would take
the one away who brings dead processes back. It would also close the pipe to the process whose line it was.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from supervisor import loggers, supervisord


def main() -> None:
    """Run Supervisor with this process's arguments."""
    rotate = loggers.RotatingFileHandler.doRollover

    def rotate_if_possible(handler: loggers.RotatingFileHandler) -> None:
        with suppress(OSError, ValueError):
            if handler.stream.closed:  # by a rotation that failed half way
                handler.stream = Path(handler.baseFilename).open("ab")  # noqa: SIM115 - it stays open
            rotate(handler)

    loggers.Handler.handleError = lambda handler: None
    loggers.RotatingFileHandler.doRollover = rotate_if_possible
    supervisord.main()


if __name__ == "__main__":
    main()
