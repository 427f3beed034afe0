"""Which times are free? Pure: hours, bookings and the clock come in, slots go out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Spans = Callable[[date], Sequence[tuple[datetime, datetime]]]


@dataclass(frozen=True)
class Slot:
    """A time in a room, with a staff member where the service needs one; `start` and `end` are in UTC."""

    start: datetime
    end: datetime
    room: str
    staff: str = ""


@dataclass(frozen=True)
class Person:
    """A staff member and the spans of a day in which they see patients (the clinic's own when None)."""

    id: str
    spans: Spans | None = None


@dataclass(frozen=True)
class Offer:
    """What can be offered for a service. After each visit `buffer` minutes stay free."""

    minutes: int
    lead_hours: int
    days_ahead: int
    rooms: tuple[str, ...]
    staff: tuple[Person, ...] = ()
    buffer: int = 0


@dataclass(frozen=True)
class Busy:
    """A time that a room or a staff member is taken, in UTC; everyone and everything when neither is named."""

    start: datetime
    end: datetime
    room: str = ""
    staff: str = ""


class Taken:
    """The taken times of each room and person, searched by bisection."""

    def __init__(self, busy: Iterable[Busy]) -> None:
        by_name: dict[str, list[tuple[datetime, datetime]]] = {}
        for item in busy:
            names = [name for name in (item.room and f"room:{item.room}", item.staff and f"staff:{item.staff}") if name]
            for name in names or [""]:
                by_name.setdefault(name, []).append((item.start, item.end))
        self._spans = {name: _merged(spans) for name, spans in by_name.items()}

    def is_free(self, name: str, start: datetime, end: datetime) -> bool:
        """Return whether `room:…` or `staff:…` (or, by "", the whole clinic) is free from `start` to `end`."""
        starts, ends = self._spans.get(name, ((), ()))
        index = bisect_left(starts, end)
        return index == 0 or ends[index - 1] <= start


def free_slots(offer: Offer, spans: Spans, zone: ZoneInfo, busy: Iterable[Busy], now: datetime) -> Iterator[Slot]:
    """Yield the free slots in order of time, one a start; `spans` gives a day's opening spans in the clinic's zone."""
    taken = Taken(busy)
    today = now.astimezone(zone).date()
    for days in range(offer.days_ahead + 1):
        yield from slots_of_day(offer, spans(today + timedelta(days=days)), today + timedelta(days=days), taken, now)


def slots_of_day(offer: Offer, spans: Sequence[tuple[datetime, datetime]], day: date, taken: Taken,
                 now: datetime) -> Iterator[Slot]:
    """Yield a day's free slots.

    Steps are counted in UTC, so that on the two days when the clocks change no slot is offered
    twice or at an hour that does not exist.
    """
    soonest = now + timedelta(hours=offer.lead_hours)
    length, step = timedelta(minutes=offer.minutes), timedelta(minutes=offer.minutes + offer.buffer)
    people = _at_work(offer.staff, day)
    for opens, closes in spans:
        start, end = opens.astimezone(UTC), closes.astimezone(UTC)
        while start + length <= end:
            if start >= soonest and (slot := _slot(offer, people, taken, start, length, start + step)):
                yield slot
            start += step


def _slot(offer: Offer, people: Sequence[tuple[str, Sequence[tuple[datetime, datetime]] | None]], taken: Taken,
          start: datetime, length: timedelta, until: datetime) -> Slot | None:
    """Return the slot at a start with the first room and person that are free, buffer included, or None."""
    end = start + length
    if not taken.is_free("", start, end):
        return None
    room = next((room for room in offer.rooms if taken.is_free(f"room:{room}", start, until)), None)
    if room is None:
        return None
    if not offer.staff:
        return Slot(start, end, room)
    person = next((id for id, spans in people if taken.is_free(f"staff:{id}", start, until)
                   and (spans is None or any(opens <= start and end <= closes for opens, closes in spans))), None)
    return Slot(start, end, room, person) if person is not None else None


def _at_work(staff: Sequence[Person], day: date) -> list[tuple[str, Sequence[tuple[datetime, datetime]] | None]]:
    return [(person.id, person.spans(day) if person.spans else None) for person in staff]


def _merged(spans: list[tuple[datetime, datetime]]) -> tuple[list[datetime], list[datetime]]:
    starts: list[datetime] = []
    ends: list[datetime] = []
    for start, end in sorted(spans):
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends
