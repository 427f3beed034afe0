"""The background process: sends the outbox, reminds of open alerts, notices what was not answered.

`python -m bot.records.worker`
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bot.site.settings")

TICK = 1.0  # seconds
log = logging.getLogger("bot.worker")


def main() -> None:
    """Work until asked to stop."""
    import django

    django.setup()
    from bot.records import chores, outbox, resume
    from bot.settings import get_settings

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    settings = get_settings()
    sender, resumer = outbox.Sender(settings), resume.Resumer(settings.env)
    while not stop.is_set():
        started, sent = time.monotonic(), 0
        for work in (chores.beat, sender.send_due, resumer.look, lambda: chores.look_after(settings.clinic)):
            try:
                done = work()
                sent = done or 0 if work == sender.send_due else sent
            except Exception as error:  # one chore that fails must not keep the others waiting
                log.error("A chore failed: %s", type(error).__name__)
                django.db.connection.close()
        if sent < outbox.BATCH:
            stop.wait(max(0.0, TICK - (time.monotonic() - started)))


if __name__ == "__main__":
    main()
