"""Is the service alive, and can it do its work?"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.channels.metrics import PART_READY, show
from bot.channels.service import get_gateway
from bot.records import spool
from bot.records.measures import measures
from bot.records.models import Conversation, Heartbeat
from bot.settings import get_settings

CHECK_SECONDS = 2.0


async def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive."""
    return JsonResponse({"status": "alive"})


async def readyz(request: HttpRequest) -> HttpResponse:
    """Name each part with its state; 503 when an ordinary question could not be answered."""
    parts = await state_of_parts()
    needed = ("records", "rasa", "screen")
    ready = all(parts[name] == "ready" for name in needed)
    models = {"screen": get_gateway().models}
    return JsonResponse({"status": "ready" if ready else "degraded", "parts": parts, "models": models},
                        status=200 if ready else 503)


async def metrics(request: HttpRequest) -> HttpResponse:
    """Serve the counters for Prometheus, and what waits and works right now."""
    parts = await state_of_parts()
    for part, state in parts.items():
        PART_READY.labels(part).set(state == "ready")
    if parts["records"] == "ready":
        show(await get_gateway().in_thread(measures, timezone.now()))
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


async def state_of_parts() -> dict[str, str]:
    """Return each part's state: "ready" or what is wrong."""
    env = get_settings().env
    gateway = get_gateway()
    records, worker, rasa, actions = await asyncio.gather(
        _try(gateway.in_thread(Conversation.objects.order_by().first)),
        _try(gateway.in_thread(_worker_seen)),
        _fetch_all([f"{url}/webhooks/clinic/ready" for url in env.rasa_urls]),
        _fetch_all([f"{url}/health" for url in env.actions_urls]))
    return {
        "records": records, "rasa": rasa, "actions": actions, "worker": worker, "screen": "ready",
        "classifier": gateway.screen.classifier_state,
        "embedding": "ready" if gateway.embedder is not None else "missing",
        "kept": f"{waiting} messages wait for the records" if (waiting := len(spool.waiting())) else "ready",
    }


def _worker_seen() -> None:
    seen = Heartbeat.objects.filter(name="worker").first()
    if seen is None or timezone.now() - seen.at > timedelta(seconds=30):
        raise LookupError("not seen for 30 seconds")


async def _try(work: Any) -> str:
    try:
        await asyncio.wait_for(work, CHECK_SECONDS)
    except Exception as error:
        return str(error) or type(error).__name__
    return "ready"


async def _fetch_all(urls: list[str]) -> str:
    """Return "ready", also while some but not all are down: the others take their share."""
    states = await asyncio.gather(*(_fetch(url) for url in urls))
    return "ready" if "ready" in states else states[0]


async def _fetch(url: str) -> str:
    async def get() -> None:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            if response.status != 200:
                raise ConnectionError(f"status {response.status}")

    state = await _try(get())
    return state if state == "ready" or state.startswith("status") else "down"
