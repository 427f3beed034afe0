"""What a staff member's own calendar can do, whatever it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.scheduling.invitation import Visit


class CalendarDown(Exception):
    """The calendar cannot be reached, or answers what cannot be understood."""


class ChangedMeanwhile(Exception):
    """Someone changed the entry in the calendar since we last saw it; nothing was written."""


@dataclass(frozen=True)
class Span:
    """A time that the calendar has taken, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Kept:
    """Where a calendar keeps a visit, and in which state."""

    href: str
    etag: str


@dataclass(frozen=True)
class Found:
    """A visit of ours as the calendar has it now."""

    uid: str
    start: datetime
    end: datetime
    cancelled: bool
    kept: Kept


@dataclass(frozen=True)
class Reading:
    """What a calendar holds between two times: visits of ours, and everything else that takes time."""

    visits: Sequence[Found]
    busy: Sequence[Span]


class StaffCalendar(Protocol):
    """A calendar that is read before times are offered and written when one is booked.

    Every call raises `CalendarDown` when it cannot be done now.
    """

    def read(self, start: datetime, end: datetime, ours: frozenset[str]) -> Reading:
        """Return what is there between two times; `ours` are the uids of our visits."""

    def write(self, visit: Visit, kept: Kept | None) -> Kept:
        """Write a visit, new or over what we last saw; raises `ChangedMeanwhile`."""

    def remove(self, kept: Kept) -> None:
        """Take a visit out; one that is gone already is no fault. Raises `ChangedMeanwhile`."""
