"""Which times are free? Pure: hours, bookings and the clock come in, slots go out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Spans = Callable[[date], Sequence[tuple[datetime, datetime]]]


@dataclass(frozen=True)
class Slot:
    """A time in a room; `start` and `end` are in UTC."""

    start: datetime
    end: datetime
    room: str


@dataclass(frozen=True)
class Offer:
    """What can be offered for a service."""

    minutes: int
    lead_hours: int
    days_ahead: int
    rooms: tuple[str, ...]


@dataclass(frozen=True)
class Busy:
    """A time that a room is taken, in UTC."""

    start: datetime
    end: datetime
    room: str


def free_slots(offer: Offer, spans: Spans, zone: ZoneInfo, busy: Iterable[Busy], now: datetime) -> Iterator[Slot]:
    """Yield the free slots in order of time, one a start.

    `spans` gives a day's opening spans in the clinic's zone. Steps are counted in UTC, so that on
    the two days when the clocks change no slot is offered twice or at an hour that does not exist.
    """
    taken = list(busy)
    soonest = now + timedelta(hours=offer.lead_hours)
    length = timedelta(minutes=offer.minutes)
    today = now.astimezone(zone).date()
    for days in range(offer.days_ahead + 1):
        for opens, closes in spans(today + timedelta(days=days)):
            start, end = opens.astimezone(UTC), closes.astimezone(UTC)
            while start + length <= end:
                room = _free_room(offer.rooms, taken, start, start + length)
                if start >= soonest and room is not None:
                    yield Slot(start, start + length, room)
                start += length


def _free_room(rooms: Sequence[str], taken: Sequence[Busy], start: datetime, end: datetime) -> str | None:
    used = {item.room for item in taken if item.start < end and start < item.end}
    return next((room for room in rooms if room not in used), None)
