"""This process's one gateway, put together from settings."""

from __future__ import annotations

import gc
import logging
import threading
from pathlib import Path

from django.utils import timezone

from bot.channels.gateway import Gateway
from bot.channels.rasa import HttpRasa, Rasa
from bot.channels.rasa_place import Place
from bot.embedding import Embedder, EmbeddingUnavailable, shared_embedder
from bot.records import spool
from bot.screening import Screen, load_screen
from bot.screening.replies import Replies, load_replies
from bot.screening.resources import load_resources
from bot.settings import ROOT, Settings, get_settings
from bot.sums import AlteredFile, check_pin, part_of

log = logging.getLogger(__name__)
DATA = ROOT / "data"


_installed: Gateway | None = None
_building = threading.Lock()


def get_gateway() -> Gateway:
    """Return this process's gateway; unless one was installed, the one that asks the Rasa server."""
    if _installed is None:
        with _building:  # the first call and the look for new models come at once: both must have the same one
            if _installed is None:
                settings = get_settings()
                spool.prepare()
                install(build_gateway(settings, HttpRasa(
                    settings.env.rasa_urls, settings.env.internal_token, Place(settings.env.var))))
    return _installed  # type: ignore[return-value]


def install(gateway: Gateway) -> None:
    """Make this the gateway that every channel of the process uses."""
    global _installed
    _installed = gateway
    gc.freeze()  # what was loaded to stay needs no looking through by the collector


def build_gateway(settings: Settings, rasa: Rasa) -> Gateway:
    """Return a gateway over any Rasa; without the embedding the lexicon still screens."""
    embedder = embedder_or_none()
    models = part_of(settings.env.models / "screening")
    gateway = Gateway(
        screen=screen_for(settings.env.models, embedder), replies=replies_for(settings.clinic.country), rasa=rasa,
        clinic=settings.clinic, embedder=embedder, rasa_timeout=settings.env.rasa_timeout,
        # On SQLite there is one web process; what an earlier one had begun, nobody goes on with.
        alone_since=timezone.now() if settings.env.database_url.startswith("sqlite") else None)
    gateway.models = models
    return gateway


def embedder_or_none() -> Embedder | None:
    """Return the shared embedder, or None when its weights cannot be used."""
    try:
        return shared_embedder()
    except (EmbeddingUnavailable, OSError) as error:
        log.error("The sentence embedding is not available: %s", error)
        return None


def screen_for(models: Path, embedder: Embedder | None) -> Screen:
    """Return the screen over this project's data."""
    screen = load_screen(DATA / "screening", models / "screening", embedder)
    try:
        check_pin(models, get_settings().env.models_sha256)
    except AlteredFile as error:
        screen.classifier, screen.classifier_state = None, str(error)
    if screen.classifier is None:
        log.error("The screen reads without its classifier: %s", screen.classifier_state)
    return screen


def replies_for(country: str) -> Replies:
    """Return the fixed replies with a country's crisis lines."""
    return load_replies(DATA / "screening" / "replies", load_resources(DATA / "screening" / "resources", country))
