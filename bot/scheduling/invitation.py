"""A visit as an iCalendar object (RFC 5545, RFC 5546): neutral, with a lasting name and a sequence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vText

PRODUCT = "-//Clinic assistant//Visits//EN"


@dataclass(frozen=True)
class Visit:
    """What a calendar is told of a visit: nothing of the treatment, and of the patient only what `title` says."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    title: str
    description: str = ""
    location: str = ""
    url: str = ""
    cancelled: bool = False
    organizer: str | None = None
    organizer_name: str = ""
    attendee: str | None = None


def as_ics(visits: Iterable[Visit], zone: ZoneInfo, stamp: datetime, method: str | None = None,
           name: str | None = None) -> str:
    """Return visits as one iCalendar text; `method` is REQUEST, CANCEL or PUBLISH, or None for a plain file."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
    visits = list(visits)
    if visits:
        first, last = min(visit.start for visit in visits), max(visit.end for visit in visits)
        # from the year before, so that every client finds the rule that is in force
        calendar.add_component(
            Timezone.from_tzinfo(zone, zone.key, date(first.year - 1, 1, 1), date(last.year + 2, 1, 1))
        )
    for visit in visits:
        calendar.add_component(_event(visit, zone, stamp))
    return calendar.to_ical().decode("utf-8")


def _event(visit: Visit, zone: ZoneInfo, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", visit.uid)
    event.add("sequence", visit.sequence)
    event.add("dtstamp", stamp)
    event.add("dtstart", visit.start.astimezone(zone))
    event.add("dtend", visit.end.astimezone(zone))
    event.add("summary", visit.title)
    event.add("status", "CANCELLED" if visit.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if visit.cancelled else "OPAQUE")
    for key, value in (("description", visit.description), ("location", visit.location), ("url", visit.url)):
        if value:
            event.add(key, value)
    if visit.organizer:
        organizer = vCalAddress(f"mailto:{visit.organizer}")
        organizer.params["CN"] = vText(visit.organizer_name)
        event.add("organizer", organizer)
    if visit.attendee:
        attendee = vCalAddress(f"mailto:{visit.attendee}")
        attendee.params.update(
            {"ROLE": vText("REQ-PARTICIPANT"), "PARTSTAT": vText("NEEDS-ACTION"), "RSVP": vText("TRUE")}
        )
        event.add("attendee", attendee)
    return event
