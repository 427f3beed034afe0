"""Counts of a period, without a name or a word of anyone: for the clinic's monthly review and the public counts."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import ExtractHour, TruncDate
from django.utils import timezone

from bot.desk.queue import TARGETS
from bot.records.models import Alert, Appointment, Channel, Conversation, Message, PhoneConsent, Tier

LONGEST = 366  # days
ANSWERED, NOT_ANSWERED = ("answer", "clinic", "booking"), ("abstain", "out_of_scope", "fallback")


@dataclass(frozen=True)
class Period:
    """Days from the first to the last, both included, of one channel or all."""

    first: date
    last: date
    channel: str = ""

    @property
    def days(self) -> list[date]:
        """Return every day of it."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Return its first and last moment in the clinic's zone."""
        start, end = (timezone.make_aware(datetime.combine(day, time.min))
                      for day in (self.first, self.last + timedelta(days=1)))
        return start, end


@dataclass(frozen=True)
class Acknowledged:
    """How soon alerts of a priority were acknowledged: minutes in the median, share within the target."""

    priority: str
    count: int
    open: int
    minutes: float | None
    in_time: float | None


@dataclass(frozen=True)
class Figures:
    """All counts of a period; conversations count in the period in which they began."""

    conversations: int
    by_day: dict[str, list[int]]
    kinds: list[tuple[str, int]]
    answered: int
    not_answered: int
    tiers: list[tuple[str, int]]
    acknowledged: list[Acknowledged]
    outcomes: list[tuple[str, int]]
    hours: list[int]
    booked: int
    cancelled: int
    opted_out: int
    referrals: int
    taken_over: int


def read_period(first: date | None, last: date | None, channel: str, today: date) -> Period:
    """Return a period of at most a year; the last 30 days when nothing is asked for."""
    end = min(last or today, today)
    start = first or end - timedelta(days=29)
    start = max(min(start, end), end - timedelta(days=LONGEST - 1))
    return Period(start, end, channel if channel in Channel.values else "")


def count(period: Period) -> Figures:
    """Return the figures of a period."""
    begun = Q(created_at__gte=period.span[0], created_at__lt=period.span[1])
    found = Conversation.objects.filter(begun, **({"channel": period.channel} if period.channel else {}))
    inside: dict[str, Any] = {"conversation__in": found}
    kinds = Counter(dict(Message.objects.filter(**inside, sender="bot").exclude(kind="").values_list("kind")
                         .annotate(number=Count("id")).order_by()))
    tiers = dict(found.values_list("tier").annotate(number=Count("id")).order_by())
    alerts = list(Alert.objects.filter(**inside).values_list("priority", "created_at", "acknowledged_at", "outcome"))
    visits = dict(Appointment.objects.filter(**inside).values_list("state").annotate(number=Count("id")).order_by())
    staff = Message.objects.filter(**inside, sender="staff", staff__isnull=False)
    hours = dict(found.annotate(hour=ExtractHour("created_at")).values_list("hour").annotate(number=Count("id"))
                 .order_by())
    return Figures(
        conversations=sum(tiers.values()), by_day=_by_day(found, period), kinds=kinds.most_common(),
        answered=sum(kinds[kind] for kind in ANSWERED), not_answered=sum(kinds[kind] for kind in NOT_ANSWERED),
        tiers=[(tier, tiers.get(tier, 0)) for tier in reversed(Tier.values)],
        acknowledged=[_acknowledged(level, alerts) for level in ("P1", "P2", "P3")],
        outcomes=[(code, sum(row[3] == code for row in alerts)) for code in Alert.Outcome.values],
        hours=[hours.get(hour, 0) for hour in range(24)],
        booked=visits.get("booked", 0), cancelled=visits.get("cancelled", 0), opted_out=_opted_out(period),
        referrals=kinds["crisis"], taken_over=staff.values("conversation").distinct().count())


def _by_day(found: Any, period: Period) -> dict[str, list[int]]:
    rows = (found.annotate(day=TruncDate("created_at")).values_list("channel", "day").annotate(number=Count("id"))
            .order_by())
    counts = {(channel, day): number for channel, day, number in rows}
    return {channel: [counts.get((channel, day), 0) for day in period.days] for channel in Channel.values
            if any(key[0] == channel for key in counts)}


def _acknowledged(level: str, alerts: list[tuple[str, datetime, datetime | None, str]]) -> Acknowledged:
    ours = [(made, seen) for priority, made, seen, _ in alerts if priority == level]
    took = [seen - made for made, seen in ours if seen is not None]
    target = TARGETS.get(level)
    return Acknowledged(
        level, len(ours), len(ours) - len(took),
        statistics.median(wait.total_seconds() / 60 for wait in took) if took else None,
        sum(wait <= target for wait in took) / len(ours) if target and ours else None)


def _opted_out(period: Period) -> int:
    if period.channel not in ("", Channel.SMS):
        return 0
    start, end = period.span
    return PhoneConsent.objects.filter(consents=False, at__gte=start, at__lt=end).count()
