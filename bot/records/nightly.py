"""Starts the night's work once a night, in a process of its own that gives its memory back."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from bot.records.models import Heartbeat
from bot.settings import ROOT, Clinic

log = logging.getLogger("bot.nightly")
AT = time(3)
_NAME = "nightly"


def due(last: datetime | None, now: datetime, clinic: Clinic) -> bool:
    """Return whether the last three o'clock passed since it was last done."""
    local = now.astimezone(clinic.zone)
    hour = datetime.combine(local.date(), AT, clinic.zone)
    if local < hour:
        hour = datetime.combine(local.date() - timedelta(days=1), AT, clinic.zone)
    return last is None or last < hour


def claim(clinic: Clinic, now: datetime) -> bool:
    """Return whether this worker is the one to do it; the first start only notes the time."""
    last = Heartbeat.objects.filter(name=_NAME).values_list("at", flat=True).first()
    if last is not None and not due(last, now, clinic):
        return False
    with transaction.atomic():
        row, made = Heartbeat.objects.select_for_update().get_or_create(name=_NAME, defaults={"at": now})
        if made or not due(row.at, now, clinic):
            return False
        row.at = now
        row.save(update_fields=["at"])
        return True


def start_when_due(clinic: Clinic) -> None:
    """Start `bot nightly` if it is due."""
    if claim(clinic, timezone.now()):
        log.info("The night's work begins")
        subprocess.Popen([sys.executable, "-m", "bot", "nightly"], cwd=ROOT, stdout=subprocess.DEVNULL)
