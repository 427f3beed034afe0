"""A CalDAV collection (RFC 4791) as a staff calendar.

The kept `caldav` library writes without `If-Match` and its newer versions replace urllib3; the four
requests that are needed are plain HTTP, and iCalendar itself is read by libraries.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import recurring_ical_events
import requests
from icalendar import Calendar

from bot.scheduling.calendars import CalendarDown, ChangedMeanwhile, Found, Kept, Reading, Span
from bot.scheduling.invitation import Visit, as_ics

TIMEOUT = 5  # seconds
DAV, CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
QUERY = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="{start}" end="{end}"/>
</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""


class CalDav:
    """One calendar collection."""

    def __init__(
        self, url: str, user: str, password: str, zone: ZoneInfo, session: requests.Session | None = None
    ) -> None:
        self._url, self._zone = url.rstrip("/") + "/", zone
        self._http = session or requests.Session()
        if user:
            self._http.auth = (user, password)

    def read(self, start: datetime, end: datetime, ours: frozenset[str]) -> Reading:
        """Return what is there between two times, repeating entries taken apart; raises `CalendarDown`."""
        body = QUERY.format(start=_stamp(start), end=_stamp(end))
        answer = self._ask("REPORT", self._url, body.encode(), {"Depth": "1", "Content-Type": "application/xml"})
        visits: list[Found] = []
        busy: list[Span] = []
        for kept, text in _items(answer.content):
            try:
                calendar: Any = Calendar.from_ical(text)
                events = list(calendar.walk("VEVENT"))
                own = next((event for event in events if _uid(event) in ours), None)
                if own is not None:
                    visits.append(
                        Found(_uid(own), *self._span(own), str(own.get("STATUS", "")).upper() == "CANCELLED", kept)
                    )
                    continue
                for event in recurring_ical_events.of(calendar).between(start, end):
                    if _takes_time(event):
                        busy.append(Span(*self._span(event)))
            except (ValueError, KeyError, IndexError):
                continue  # an entry that no program could read takes nobody's time
        return Reading(visits, busy)

    def write(self, visit: Visit, kept: Kept | None) -> Kept:
        """Write a visit under our own address or over what we last saw; raises `ChangedMeanwhile`, `CalendarDown`."""
        url = urljoin(self._url, kept.href) if kept else f"{self._url}{visit.uid.split('@')[0]}.ics"
        guard = {"If-Match": kept.etag} if kept else {"If-None-Match": "*"}
        text = as_ics([visit], self._zone, datetime.now(UTC))
        answer = self._ask("PUT", url, text.encode("utf-8"), {**guard, "Content-Type": "text/calendar; charset=utf-8"})
        etag = answer.headers.get("ETag") or self._ask("HEAD", url, b"", {}).headers.get("ETag", "")
        return Kept(urlsplit(url).path, etag)

    def remove(self, kept: Kept) -> None:
        """Take a visit out; raises `ChangedMeanwhile`, `CalendarDown`."""
        self._ask("DELETE", urljoin(self._url, kept.href), b"", {"If-Match": kept.etag} if kept.etag else {})

    def _ask(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        try:
            answer = self._http.request(method, url, data=body, headers=headers, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise CalendarDown(type(error).__name__) from error
        if answer.status_code == 412 or (answer.status_code == 409 and method == "PUT"):
            raise ChangedMeanwhile
        if answer.status_code == 404 and method == "DELETE":
            return answer
        if answer.status_code >= 400:
            raise CalendarDown(f"status {answer.status_code}")
        return answer

    def _span(self, event: Any) -> tuple[datetime, datetime]:
        start = self._moment(event.decoded("DTSTART"))
        if "DTEND" in event:
            return start, self._moment(event.decoded("DTEND"))
        if "DURATION" in event:
            return start, start + event.decoded("DURATION")
        whole_day = not isinstance(event.decoded("DTSTART"), datetime)
        return start, start + (timedelta(days=1) if whole_day else timedelta())

    def _moment(self, value: datetime | date) -> datetime:
        """Return a time in UTC; a day without a clock, or a clock without a zone, is the clinic's."""
        if not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 # the zone follows
        return (value if value.tzinfo else value.replace(tzinfo=self._zone)).astimezone(UTC)


def _items(content: bytes) -> Iterator[tuple[Kept, str]]:
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise CalendarDown("an answer that is no XML") from error
    for response in root.iter(f"{DAV}response"):
        href = response.findtext(f"{DAV}href") or ""
        etag = next((node.text or "" for node in response.iter(f"{DAV}getetag")), "")
        data = next((node.text or "" for node in response.iter(f"{CAL}calendar-data")), "")
        if data:
            yield Kept(href, etag), data


def _uid(event: Any) -> str:
    return str(event.get("UID", ""))


def _takes_time(event: Any) -> bool:
    return (str(event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT"
            and str(event.get("STATUS", "")).upper() != "CANCELLED")


def _stamp(moment: datetime) -> str:
    return escape(moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))
