"""The parts of `clinic.yml`: services, staff, reminders, alerts, retention and texts."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import BaseModel, Extra, Field, validator

from .hours import checked_hours, clock_span


class Strict(BaseModel):
    """Knows its keys and refuses others; never changes."""

    class Config:
        extra = Extra.forbid
        frozen = True


class Service(Strict):
    """Something that can be booked; after each visit `buffer_minutes` stay free."""

    id: str
    name: str
    minutes: int = Field(gt=0, le=480, multiple_of=5)
    buffer_minutes: int = Field(0, ge=0, le=120, multiple_of=5)
    lead_hours: int = Field(24, ge=0)
    days_ahead: int = Field(21, gt=0, le=365)
    rooms: tuple[str, ...] = ("Room 1",)
    staff: tuple[str, ...] = ()
    names: dict[str, str] = {}            # in other languages, such as {es: consulta}

    def name_in(self, language: str) -> str:
        """Return the service's name as it stands in a sentence."""
        return self.names.get(language, self.name).lower()


class Calendar(Strict):
    """A staff member's own calendar: `caldav` (a collection's address) or `fhir` (a server's base address).

    The password or bearer token is read from the environment variable named by `secret`.
    """

    kind: Literal["caldav", "fhir"]
    url: str
    user: str = ""
    secret: str = ""
    schedule: str = ""        # FHIR: the Schedule whose slots these are, such as Schedule/17


class StaffMember(Strict):
    """Someone who sees patients; without hours of their own they work the clinic's."""

    id: str
    name: str
    hours: dict[str, tuple[str, ...]] | None = None
    calendar: Calendar | None = None

    @validator("hours")
    def _readable_hours(cls, value: dict[str, tuple[str, ...]] | None) -> dict[str, tuple[str, ...]] | None:
        return checked_hours(value) if value is not None else None


class Quiet(Strict):
    """Hours in which nothing is sent, as a span of the clock that may go over midnight."""

    quiet: str

    @validator("quiet")
    def _readable_quiet(cls, value: str) -> str:
        clock_span(value)
        return value

    @property
    def quiet_from(self) -> time:
        """When quiet begins."""
        return clock_span(self.quiet)[0]

    @property
    def quiet_until(self) -> time:
        """When quiet ends, usually the next morning."""
        return clock_span(self.quiet)[1]


class Reminders(Quiet):
    """When patients are reminded, in hours before the visit, and when no text goes out."""

    hours_before: tuple[int, ...] = (168, 48, 2)
    quiet: str = "20:00-08:30"            # in the patient's zone, or the clinic's when theirs is not known
    missed_visit: bool = False            # after a missed visit, an offer to find another time


class Escalation(Strict):
    """Who is told besides, once nobody has acknowledged a P1 within five minutes."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()


class Alerts(Strict):
    """Where alerts go; they carry a case number and no patient words."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    escalation: Escalation = Escalation()


class Retention(Strict):
    """How many days each kind of record is kept after its last change; the audit is kept for six years."""

    conversations: int = Field(default=730, ge=1)
    danger: int = Field(default=2192, ge=2192)
    dialogue: int = Field(default=30, ge=1)
    outbox: int = Field(default=90, ge=7)
    visits: int = Field(default=2192, ge=30)


class Texts(Quiet):
    """Text messages that the clinic sends without being asked."""

    quiet: str = "20:00-09:00"            # none is sent then, by the clock where the phone is at home


class Drafts(Strict):
    """Whether words that no clinician has signed may be shown to the public."""

    allow_public: bool = False
