"""What the desk's calendar shows: days with their visits and blocked times on a grid of half hours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.desk.masking import mask_contact
from bot.records.models import Appointment, Block, ExternalBusy
from bot.settings import Clinic

STEP = 15  # minutes a row
FIRST, LAST = time(8), time(18)
MARKS = {"confirmed": "✓", "to confirm": "?", "held": "…", "missed": "✗"}
MOST_LANES = 4


@dataclass(frozen=True)
class Entry:
    """A visit or a blocked time at its place on the grid."""

    kind: str
    row: int
    span: int
    start: datetime
    end: datetime
    label: str
    detail: str
    pk: int
    state: str = ""
    lane: int = 1   # of what is at the same time, side by side
    lanes: int = 1

    @property
    def mark(self) -> str:
        """Return the state as a sign, where there is no room for the word."""
        return MARKS.get(self.state, "")


@dataclass(frozen=True)
class Column:
    """A day, or one room of a day, with what is in it."""

    title: str
    day: date
    is_today: bool
    is_open: bool
    entries: tuple[Entry, ...]
    shut: tuple[tuple[int, int], ...] = ()  # rows in which the clinic is closed, and how many


@dataclass(frozen=True)
class Grid:
    """Columns over rows of a quarter of an hour; `hours` are the lines with a clock time."""

    columns: tuple[Column, ...]
    hours: tuple[tuple[int, str], ...]
    rows: int


def read_grid(clinic: Clinic, first: date, days: int, now: datetime) -> Grid:
    """Return some days of the calendar, each in its own column; a single day has a column a room."""
    zone = clinic.zone
    start = datetime.combine(first, time(0), zone)
    end = datetime.combine(first + timedelta(days=days), time(0), zone)
    visits = list(Appointment.objects.filter(state__in=("booked", "held"), end__gt=start, start__lt=end)
                  .exclude(state="held", held_until__lt=now).order_by("start"))
    blocks = list(Block.objects.filter(end__gt=start, start__lt=end))
    busy = list(ExternalBusy.objects.filter(end__gt=start, start__lt=end))
    opens, closes = _span(clinic, first, days, visits)
    rows = (closes - opens) * 60 // STEP

    def column(day: date, title: str, room: str | None) -> Column:
        found = [_visit(clinic, visit, day, opens, rows) for visit in visits
                 if visit.start.astimezone(zone).date() == day and room in (None, visit.room)]
        found += [entry for block in blocks if room in (None, block.room) or not block.room
                  if (entry := _block(clinic, block.start, block.end, day, opens, rows, block.reason or "Blocked",
                                      _who(clinic, block), block.pk, "block"))]
        found += [entry for item in busy if room is None or days == 1
                  if (entry := _block(clinic, item.start, item.end, day, opens, rows, "Busy",
                                      _name(clinic, item.staff), 0, "busy"))]
        return Column(title, day, day == now.astimezone(zone).date(), bool(clinic.spans(day)),
                      _abreast(found), _shut(clinic, day, opens, rows))

    if days == 1:
        rooms = sorted({room for service in clinic.services for room in service.rooms} | {v.room for v in visits})
        columns = tuple(column(first, room, room) for room in rooms)
    else:
        columns = tuple(column(day, f"{day:%a} {day.day}", None) for day in
                        (first + timedelta(days=n) for n in range(days)))
    hours = tuple(((hour - opens) * 60 // STEP + 1, f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}")
                  for hour in range(opens, closes))
    return Grid(columns, hours, rows)


def _abreast(entries: list[Entry]) -> tuple[Entry, ...]:
    """Return entries in order of time, those of the same time each in a lane of its own."""
    placed: list[Entry] = []
    together: list[Entry] = []
    ends: list[int] = []  # the first free row of each lane
    for entry in sorted(entries, key=lambda entry: (entry.row, -entry.span)):
        if together and entry.row >= max(ends):
            placed += [replace(each, lanes=min(len(ends), MOST_LANES)) for each in together]
            together, ends = [], []
        lane = next((number for number, end in enumerate(ends) if end <= entry.row), len(ends))
        ends[lane:lane + 1] = [entry.row + entry.span]
        together.append(replace(entry, lane=min(lane + 1, MOST_LANES)))
    return (*placed, *(replace(each, lanes=min(len(ends), MOST_LANES)) for each in together))


def _shut(clinic: Clinic, day: date, opens: int, rows: int) -> tuple[tuple[int, int], ...]:
    """Return the parts of a day on which the clinic is closed, as rows."""
    edges = [1]
    for start, end in clinic.spans(day):
        row, span = _place(start.astimezone(clinic.zone), end.astimezone(clinic.zone), day, opens, rows)
        edges += [row, row + span]
    edges.append(rows + 1)
    return tuple((first, last - first) for first, last in zip(edges[::2], edges[1::2]) if last > first)


def _span(clinic: Clinic, first: date, days: int, visits: list[Appointment]) -> tuple[int, int]:
    """Return the first and last hour to show: the opening hours, and every visit outside of them."""
    spans = [span for n in range(days) for span in clinic.spans(first + timedelta(days=n))]
    spans += [(visit.start.astimezone(clinic.zone), visit.end.astimezone(clinic.zone)) for visit in visits]
    opens = min([FIRST.hour, *(start.hour for start, _ in spans)])
    closes = max([LAST.hour, *(end.hour + (end.minute > 0) for _, end in spans)])
    return opens, closes


def _visit(clinic: Clinic, visit: Appointment, day: date, opens: int, rows: int) -> Entry:
    start, end = visit.start.astimezone(clinic.zone), visit.end.astimezone(clinic.zone)
    row, span = _place(start, end, day, opens, rows)
    state = "held" if visit.state == "held" else "missed" if visit.missed else "to confirm" if visit.to_confirm else (
        "confirmed" if visit.confirmed_at else "")
    detail = " · ".join(part for part in (clinic.service(visit.service).name, visit.room, _name(clinic, visit.staff),
                                          mask_contact(visit.contact)) if part)
    return Entry("visit", row, span, start, end, visit.first_name or "Being booked", detail, visit.pk, state)


def _block(clinic: Clinic, begins: datetime, ends: datetime, day: date, opens: int, rows: int, label: str, detail: str,
           pk: int, kind: str) -> Entry | None:
    zone = clinic.zone
    start = max(begins.astimezone(zone), datetime.combine(day, time(opens), zone))
    end = min(ends.astimezone(zone), datetime.combine(day, time(0), zone) + timedelta(hours=opens, minutes=rows * STEP))
    if start >= end or start.date() != day:
        return None
    row, span = _place(start, end, day, opens, rows)
    return Entry(kind, row, span, start, end, label, detail, pk)


def _place(start: datetime, end: datetime, day: date, opens: int, rows: int) -> tuple[int, int]:
    first = ((start.hour - opens) * 60 + start.minute) // STEP + 1
    length = max(1, -(-int((end - start).total_seconds()) // (60 * STEP)))
    return max(1, min(first, rows)), min(length, max(1, rows - first + 1))


def _who(clinic: Clinic, block: Any) -> str:
    return block.room or _name(clinic, block.staff) or "Whole clinic"


def _name(clinic: Clinic, staff: str) -> str:
    return next((member.name for member in clinic.staff if member.id == staff), staff)
