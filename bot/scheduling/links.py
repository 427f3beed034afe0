"""SMART Scheduling Links: a clinic's free times as public FHIR R4 lines, for those who list them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bot.scheduling.slots import Slot

DEEP_LINK = "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-deep-link"
SPACE = uuid.UUID("8d1a0c55-7b1e-4a3a-9d53-0a2b3d1f4c60")
FILES = ("locations", "schedules", "slots")


def manifest(base: str, now: datetime) -> dict[str, Any]:
    """Return the bulk publication manifest, whose files are below `base`."""
    kinds = {"locations": "Location", "schedules": "Schedule", "slots": "Slot"}
    return {"transactionTime": _instant(now), "request": f"{base}/$bulk-publish",
            "output": [{"type": kinds[name], "url": f"{base}/{name}.ndjson"} for name in FILES], "error": []}


def location(name: str, phone: str, address: str, url: str) -> dict[str, Any]:
    """Return the clinic as a Location."""
    return {"resourceType": "Location", "id": "clinic", "name": name, "telecom": [
        {"system": "phone", "value": phone}, {"system": "url", "value": url}], "address": {"text": address or name}}


def schedule(service: str, name: str) -> dict[str, Any]:
    """Return a service's Schedule at the clinic."""
    return {"resourceType": "Schedule", "id": service, "actor": [{"reference": "Location/clinic"}],
            "serviceType": [{"text": name}]}


def slot(service: str, free: Slot, booking_url: str) -> dict[str, Any]:
    """Return a free time as a Slot, with the address where it is booked."""
    start = _instant(free.start)
    return {"resourceType": "Slot", "id": str(uuid.uuid5(SPACE, f"{service} {start}")), "status": "free",
            "schedule": {"reference": f"Schedule/{service}"}, "start": start, "end": _instant(free.end),
            "extension": [{"url": DEEP_LINK, "valueUrl": booking_url}]}


def lines(resources: Iterable[dict[str, Any]]) -> str:
    """Return resources as one JSON a line."""
    return "".join(json.dumps(resource, separators=(",", ":")) + "\n" for resource in resources)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
