"""Reads with a new screen once one is in place, without a start: the old one reads until the new one is loaded."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from bot.channels import metrics
from bot.channels.gateway import Gateway
from bot.channels.service import get_gateway, replies_for, screen_for
from bot.settings import get_settings
from bot.sums import part_of

log = logging.getLogger(__name__)
LOOK_EVERY = 1.0  # seconds


def follow() -> None:
    """Look for new models from now on, in a thread of this process."""
    threading.Thread(target=_follow, name="new-models", daemon=True).start()


def take(gateway: Gateway, models: Path, country: str) -> bool:
    """Return whether the gateway reads with the screen in `models` now; an unusable one is not taken."""
    wanted = part_of(models / "screening")
    screen = screen_for(models, gateway.embedder)
    if screen.classifier is None and gateway.screen.classifier is not None:
        metrics.FAULTS.labels("new_models").inc()
        return False
    gateway.screen, gateway.replies = screen, replies_for(country)
    gateway.models = wanted
    return True


def _follow() -> None:
    settings = get_settings()
    models, gateway = settings.env.models, get_gateway()
    tried = gateway.models
    pause = threading.Event()
    while not pause.wait(LOOK_EVERY):
        try:
            found = part_of(models / "screening")
            if not found or found == tried:
                continue
            taken = take(gateway, models, settings.clinic.country)
        except OSError:  # the folders are being exchanged this moment
            continue
        except Exception as error:  # a lexicon that is being edited: the one in memory goes on
            log.error("The new screen cannot be read: %s", type(error).__name__)
            taken = False
        tried = found
        log.info("The new screen reads from now on" if taken else "The new screen was not taken")
