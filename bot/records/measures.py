"""What the records know that a clinic watches: alerts that wait for a person, and what waits to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from prometheus_client import Histogram

from bot.records.models import Alert, Heartbeat, Outbox

ACKNOWLEDGED = Histogram("bot_acknowledge_seconds", "From an alert to the person who acknowledged it", ["priority"],
                         buckets=(30, 60, 120, 300, 600, 900, 1800, 3600, 4 * 3600, 24 * 3600))


@dataclass(frozen=True)
class Waiting:
    """How many wait, and for how long the oldest of them has, in seconds."""

    count: int = 0
    oldest: float = 0.0


@dataclass(frozen=True)
class Measures:
    """What is waiting now; the worker's silence is in seconds, None when it was never seen."""

    alerts: dict[str, Waiting]
    outbox: Waiting
    given_up: int
    worker_silent: float | None


def measures(now: datetime) -> Measures:
    """Return what is waiting at `now`."""
    found = {row["priority"]: Waiting(row["number"], _age(row["oldest"], now)) for row in
             Alert.objects.filter(acknowledged_at=None).values("priority").annotate(
                 number=Count("id"), oldest=Min("created_at"))}
    due = Outbox.objects.filter(state__in=(Outbox.State.QUEUED, Outbox.State.SENDING), not_before__lte=now).aggregate(
        number=Count("id"), oldest=Min("not_before"))
    seen = Heartbeat.objects.filter(name="worker").values_list("at", flat=True).first()
    return Measures(
        alerts={level: found.get(level, Waiting()) for level in Alert.Priority.values},
        outbox=Waiting(due["number"], _age(due["oldest"], now)),
        given_up=Outbox.objects.filter(state=Outbox.State.FAILED).count(),
        worker_silent=_age(seen, now) if seen else None)


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
