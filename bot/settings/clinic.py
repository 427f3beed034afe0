"""`clinic.yml`: what a clinic changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, validator

from .files import SettingsError, read_yaml
from .hours import WEEKDAYS, checked_hours, span
from .parts import Alerts, Drafts, Reminders, Retention, Service, StaffMember, Strict, Texts

COUNTRIES = ("US", "CA", "GB", "IE", "AU", "NZ", "INT")


class Clinic(Strict):
    """What a clinic changes, from `clinic.yml`."""

    clinic: str = Field(min_length=1)
    visit_name: str | None = None         # in reminders and calendars; unset: the name without the word ketamine
    phone: str = Field(min_length=3)
    on_call_phone: str | None = None
    email: str | None = None
    address: str = ""
    country: str = "US"
    time_zone: str
    languages: tuple[str, ...] = ("en",)
    ages_treated: str = ""
    hours: dict[str, tuple[str, ...]]
    holidays: tuple[date, ...] = ()
    services: tuple[Service, ...]
    staff: tuple[StaffMember, ...] = ()
    reminders: Reminders = Reminders()
    booking_url: str | None = None        # publishes the free times (SMART Scheduling Links), booked at this address
    facts: dict[str, str] = {}
    sites: tuple[str, ...] = ()
    alerts: Alerts = Alerts()
    texts: Texts = Texts()
    drafts: Drafts = Drafts()
    retention: Retention = Retention()

    @validator("country")
    def _known_country(cls, value: str) -> str:
        if value not in COUNTRIES:
            raise ValueError(f"one of {', '.join(COUNTRIES)}")
        return value

    @validator("time_zone")
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("an IANA time zone such as America/New_York") from error
        return value

    @validator("sites", each_item=True)
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise ValueError("an origin such as https://www.your-clinic.example, without a path")
        return value

    @validator("hours")
    def _readable_hours(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return checked_hours(value)

    @validator("services")
    def _some_service(cls, value: tuple[Service, ...]) -> tuple[Service, ...]:
        if not value:
            raise ValueError("at least one service")
        return value

    @validator("staff")
    def _known_staff(cls, value: tuple[StaffMember, ...], values: dict[str, Any]) -> tuple[StaffMember, ...]:
        ids = {member.id for member in value}
        for service in values.get("services", ()):
            for id in service.staff:
                if id not in ids:
                    raise ValueError(f"an entry with the id {id!r}, whom services.{service.id} names")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the opening spans of a day in the clinic's zone; empty on holidays."""
        if day in self.holidays:
            return []
        return [(datetime.combine(day, start, self.zone), datetime.combine(day, end, self.zone))
                for start, end in map(span, self.hours.get(WEEKDAYS[day.weekday()], ()))]

    def spans_of(self, member: StaffMember, day: date) -> list[tuple[datetime, datetime]]:
        """Return the spans of a day in which a staff member sees patients, in the clinic's zone."""
        if member.hours is None:
            return self.spans(day)
        if day in self.holidays:
            return []
        return [(datetime.combine(day, start, self.zone), datetime.combine(day, end, self.zone))
                for start, end in map(span, member.hours.get(WEEKDAYS[day.weekday()], ()))]

    def service(self, id: str | None) -> Service:
        """Return a service by its id; the first one when there is none by that id."""
        return next((service for service in self.services if service.id == id), self.services[0])

    def is_open(self, now: datetime) -> bool:
        """Return whether staff are there at `now` (any zone)."""
        local = now.astimezone(self.zone)
        return any(start <= local < end for start, end in self.spans(local.date()))

    def opens(self, now: datetime) -> str | None:
        """Return when the clinic opens next, as "Monday at 9:00 am"; None when not within two weeks."""
        local = now.astimezone(self.zone)
        for days in range(15):
            for start, _ in self.spans(local.date() + timedelta(days=days)):
                if start > local:
                    return f"{start:%A} at {start.hour % 12 or 12}:{start:%M} {'am' if start.hour < 12 else 'pm'}"
        return None

    @property
    def treats_from(self) -> int:
        """The youngest age treated, from the words of `ages_treated`; 18 when they name none."""
        number = re.search(r"\d+", self.ages_treated)
        return int(number[0]) if number else 18

    @property
    def neutral_name(self) -> str:
        """The clinic's name as others may see it on a lock screen or in a shared calendar: no word of the treatment."""
        name = self.visit_name or re.sub(r"\bketamine\b\s*", "", self.clinic, flags=re.IGNORECASE)
        return " ".join(name.split()) or "the clinic"

    def service_names(self) -> dict[str, list[str]]:
        """Return all names of each service, by its id."""
        return {service.id: [service.name, *service.names.values()] for service in self.services}

    def known_facts(self) -> dict[str, str]:
        """Return the values that reviewed texts may use in braces."""
        return {**self.facts, "clinic": self.clinic, "phone": self.phone,
                **({"email": self.email} if self.email else {})}


def load_clinic(path: Path) -> Clinic:
    """Return the clinic's own settings; raises `SettingsError`."""
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise SettingsError(f"{path.name}: expected a list of settings, each 'name: value'")
    try:
        return Clinic(**data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path.name}: {key}: {_plain(first)}") from None


def _plain(error: Mapping[str, Any]) -> str:
    if error["type"] == "value_error.missing":
        return "missing"
    if error["type"] == "value_error.extra":
        return "not a setting that is known here"
    return f"expected {error['msg']}" if error["type"] == "value_error" else str(error["msg"])
