"""The queue: open alerts first, then people who wait, then the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bot.desk.filters import Filters, apply
from bot.records.models import Alert, Conversation, Message, Tier

PAGE = 50
# Times within which an alert should be acknowledged (the clinic's triage sheet).
TARGETS = {"P1": timedelta(minutes=5), "P2": timedelta(hours=4)}
URGENT = (Tier.EMERGENCY, Tier.CRISIS, Tier.CHECK_IN, Tier.INFO, Tier.NONE)


@dataclass(frozen=True)
class Queue:
    """The three parts of the queue, and what the page says above them."""

    alerts: list[Conversation]
    waiting: list[Conversation]
    rest: list[Conversation]
    has_more: bool
    open_alerts: int

    @property
    def shown_alerts(self) -> int:
        """Return how many open alerts the conversations on the page have."""
        return sum(row.open_alerts for row in self.alerts)  # type: ignore[attr-defined]


def read_queue(filters: Filters) -> Queue:
    """Return the queue; open alerts are counted over everything, also what the filters leave out."""
    found, waits = apply(filters), _waits()
    alerts = annotated(found.filter(_is_red())).order_by("top", "since")
    waiting = annotated(found.filter(waits).exclude(_is_red())).order_by("-waiting", "updated_at")
    start = (filters.page - 1) * PAGE
    others = found.exclude(_is_red()).exclude(waits).order_by("-updated_at", "-id")
    # The keys first: what a row shows is then read for one page and not for all that lie before it.
    keys = list(others.values_list("pk", flat=True)[start:start + PAGE + 1])
    rest = annotated(Conversation.objects.filter(pk__in=keys[:PAGE])).order_by("-updated_at", "-id")
    return Queue(alerts=list(alerts[:200]), waiting=list(waiting[:200]), rest=list(rest),
                 has_more=len(keys) > PAGE, open_alerts=count_open_alerts())


def count_open_alerts() -> int:
    """Return how many alerts nobody has acknowledged."""
    return _open_alerts().count()


def newest_p1() -> tuple[int, str]:
    """Return the newest open P1 alert and its case, or 0 and nothing."""
    first = _open_alerts().filter(priority=Alert.Priority.P1).order_by("-id").values_list(
        "id", "conversation__case").first()
    return first or (0, "")


def is_late(priority: str, since: datetime, now: datetime) -> bool:
    """Return whether an alert has waited longer than its target."""
    return priority in TARGETS and now - since > TARGETS[priority]


def annotated(conversations: QuerySet[Conversation]) -> QuerySet[Any]:
    """Add what a row shows: open alerts, whether an outcome is missing, how the assistant last answered."""
    red = _open_alerts().filter(conversation=OuterRef("pk"))
    count = red.order_by().values("conversation").annotate(number=Count("id")).values("number")
    first = red.order_by("priority", "created_at")
    return conversations.select_related("owner").prefetch_related("labels").annotate(
        open_alerts=Coalesce(Subquery(count), 0),
        top=Subquery(first.values("priority")[:1]),
        since=Subquery(first.values("created_at")[:1]),
        newest_alert=Subquery(red.order_by("-id").values("id")[:1]),
        why=Subquery(first.values("reason")[:1]),
        said=Subquery(first.exclude(message=None).values("message__text")[:1]),
        assigned=Subquery(first.exclude(assigned_to=None).values("assigned_to__username")[:1]),
        unsettled=Exists(_unsettled().filter(conversation=OuterRef("pk"))),
        last_kind=Subquery(Message.objects.filter(conversation=OuterRef("pk"), sender=Message.Sender.BOT)
                           .order_by("-id").values("kind")[:1]),
    )


def _open_alerts() -> QuerySet[Alert]:
    return Alert.objects.filter(acknowledged_at=None)


def _unsettled() -> QuerySet[Alert]:
    return Alert.objects.filter(acknowledged_at__isnull=False, outcome="")


def _is_red() -> Q:
    return Q(pk__in=_open_alerts().values("conversation"))


def _waits() -> Q:
    """A person is asked for, a staff member has it, or an acknowledged alert has no outcome yet."""
    return Q(waiting=True) | Q(owner__isnull=False) | Q(pk__in=_unsettled().values("conversation"))
