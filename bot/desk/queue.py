"""The queue: open alerts first, then people who wait, then the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bot.records.models import Alert, Channel, Conversation, Message, Tier

PAGE = 50
FOUND = 300  # conversations that a search shows at most
# Times within which an alert should be acknowledged (the clinic's triage sheet).
TARGETS = {"P1": timedelta(minutes=5), "P2": timedelta(hours=4)}
URGENT = (Tier.EMERGENCY, Tier.CRISIS, Tier.CHECK_IN, Tier.INFO, Tier.NONE)


@dataclass(frozen=True)
class Filters:
    """What the reader wants to see; anything unknown is ignored."""

    tier: str = ""
    channel: str = ""
    unanswered: bool = False
    words: str = ""
    page: int = 1

    @property
    def narrowed(self) -> bool:
        """Return whether anything is left out."""
        return bool(self.tier or self.channel or self.unanswered or self.words)


@dataclass(frozen=True)
class Queue:
    """The three parts of the queue, and what the page says above them."""

    alerts: list[Conversation]
    waiting: list[Conversation]
    rest: list[Conversation]
    has_more: bool
    open_alerts: int


def read_filters(query: Mapping[str, str], words: str = "") -> Filters:
    """Return the filters of a request; `words` never come from the address, which browsers remember."""
    tier, channel, page = query.get("tier", ""), query.get("channel", ""), query.get("page", "1")
    return Filters(
        tier=tier if tier in Tier.values else "",
        channel=channel if channel in Channel.values else "",
        unanswered=query.get("unanswered") == "1",
        words=words.strip()[:100],
        page=min(int(page), 10_000) if page.isdigit() and page != "0" else 1)


def read_queue(filters: Filters) -> Queue:
    """Return the queue; open alerts are counted over everything, also what the filters leave out."""
    found = _filtered(filters)
    waits = _waits()
    alerts = found.filter(_is_red()).order_by("top", "since")
    waiting = found.filter(waits).exclude(_is_red()).order_by("-waiting", "updated_at")
    start = (filters.page - 1) * PAGE
    others = found.exclude(_is_red()).exclude(waits).order_by("-updated_at", "-id")
    rest = list(others[start:start + PAGE + 1])
    return Queue(alerts=list(alerts[:200]), waiting=list(waiting[:200]), rest=rest[:PAGE],
                 has_more=len(rest) > PAGE, open_alerts=count_open_alerts())


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


def _filtered(filters: Filters) -> QuerySet[Any]:
    found = _annotated(Conversation.objects.select_related("owner"))
    if filters.tier:
        found = found.filter(tier=filters.tier)
    if filters.channel:
        found = found.filter(channel=filters.channel)
    if filters.unanswered:
        found = found.filter(Q(waiting=True) | Q(pk__in=_unanswered().values("conversation")))
    if filters.words:
        found = found.filter(pk__in=_search(filters.words))
    return found


def _search(words: str) -> list[int]:
    """Return the conversation of a case number, or else those whose number or texts hold the words.

    The texts are read through once, not once for each part of the queue.
    """
    keys = Conversation.objects.values_list("pk", flat=True)
    if exact := list(keys.filter(case=words.upper())):
        return exact
    said = Message.objects.filter(text__icontains=words).values_list("conversation", flat=True)
    return list(dict.fromkeys([*keys.filter(case__istartswith=words)[:FOUND],
                               *said.order_by("-id")[:FOUND * 10]]))[:FOUND]


def _annotated(conversations: QuerySet[Conversation]) -> QuerySet[Any]:
    """Add what a row shows: open alerts, whether an outcome is missing, how the assistant last answered."""
    red = _open_alerts().filter(conversation=OuterRef("pk"))
    count = red.order_by().values("conversation").annotate(number=Count("id")).values("number")
    first = red.order_by("priority", "created_at")
    return conversations.annotate(
        open_alerts=Coalesce(Subquery(count), 0),
        top=Subquery(first.values("priority")[:1]),
        since=Subquery(first.values("created_at")[:1]),
        why=Subquery(first.values("reason")[:1]),
        unsettled=Exists(_unsettled().filter(conversation=OuterRef("pk"))),
        last_kind=Subquery(Message.objects.filter(conversation=OuterRef("pk"), sender=Message.Sender.BOT)
                           .order_by("-id").values("kind")[:1]),
    )


def _open_alerts() -> QuerySet[Alert]:
    return Alert.objects.filter(acknowledged_at=None)


def _unsettled() -> QuerySet[Alert]:
    return Alert.objects.filter(acknowledged_at__isnull=False, outcome="")


def _unanswered() -> QuerySet[Message]:
    return Message.objects.filter(sender=Message.Sender.PATIENT, answered_at=None)


def _is_red() -> Q:
    return Q(pk__in=_open_alerts().values("conversation"))


def _waits() -> Q:
    """A person is asked for, a staff member has it, or an acknowledged alert has no outcome yet."""
    return Q(waiting=True) | Q(owner__isnull=False) | Q(pk__in=_unsettled().values("conversation"))
