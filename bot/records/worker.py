"""The background process: sends the outbox, reminds of open alerts, notices what was not answered.

`python -m bot.records.worker`
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time

from bot import logs
from bot.settings import Clinic

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bot.site.settings")

TICK = 1.0  # seconds
CALENDAR_TICK = 5.0
log = logging.getLogger("bot.worker")


def main() -> None:
    """Work until asked to stop."""
    import django

    django.setup()
    logs.configure("worker")
    from bot.records import chores, nightly, outbox, resume, unspool
    from bot.settings import get_settings

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    settings = get_settings()
    sender, resumer, unspooler = outbox.Sender(settings), resume.Resumer(settings.env), unspool.Unspooler(settings)
    # A calendar that does not answer must not keep an alert waiting.
    threading.Thread(target=_calendars, args=(settings.clinic, stop), daemon=True).start()
    while not stop.is_set():
        started, sent = time.monotonic(), 0
        for work in (unspooler.look, chores.beat, sender.send_due, resumer.look,
                     lambda: chores.look_after(settings.clinic),
                     lambda: chores.look_after_visits(settings.clinic),
                     lambda: nightly.start_when_due(settings.clinic)):
            try:
                done = work()
                sent = done or 0 if work == sender.send_due else sent
            except Exception as error:  # one chore that fails must not keep the others waiting
                log.error("A chore failed: %s", type(error).__name__)
                django.db.connection.close()
        if sent < outbox.BATCH:
            stop.wait(max(0.0, TICK - (time.monotonic() - started)))


def _calendars(clinic: Clinic, stop: threading.Event) -> None:
    import django

    from bot.records import chores

    while not stop.is_set():
        try:
            chores.look_after_calendars(clinic)
        except Exception as error:
            log.error("The calendars' chore failed: %s", type(error).__name__)
            django.db.connection.close()
        stop.wait(CALENDAR_TICK)


if __name__ == "__main__":
    main()
