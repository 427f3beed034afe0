"""Two-way with a real CalDAV server: Radicale, started here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from django.utils import timezone

from bot.records import calendar_sync, offers, store, visit_steps
from bot.records.calendar_health import is_down
from bot.records.models import Appointment, CalendarState, ContactRequest, ExternalBusy, Outbox
from bot.scheduling.caldav import CalDav
from bot.scheduling.calendars import CalendarDown, ChangedMeanwhile, Kept
from bot.scheduling.invitation import Visit
from bot.scheduling.wish import Wish
from bot.settings import Alerts, Calendar, StaffMember, get_settings
from tests.tools import free_ports, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
BASE = get_settings().clinic
FAR = frozenset[str]()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start Radicale and return the address of an empty calendar."""
    folder: Path = tmp_path_factory.mktemp("radicale")
    port = free_ports(1)[0]
    process = subprocess.Popen(
        [sys.executable, "-m", "radicale", "--config", "", f"--server-hosts=127.0.0.1:{port}",
         f"--storage-filesystem-folder={folder}", "--auth-type=none", "--logging-level=error"],
        stdout=subprocess.DEVNULL, stderr=(folder / "log").open("w"))
    url = f"http://127.0.0.1:{port}/lee/visits/"

    def is_up() -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{port}/", timeout=1).status_code < 500
        except requests.RequestException:
            return False

    try:
        wait_for(is_up, 30, process)
        made = requests.request("MKCALENDAR", url, auth=("lee", "secret"), timeout=5)
        assert made.status_code == 201, made.text
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def calendar(server: str) -> Iterator[CalDav]:
    """Return the calendar, emptied afterwards."""
    yield CalDav(server, "lee", "secret", BASE.zone)
    for kept in [found.kept for found in _all(server)]:
        requests.delete(server.split("/lee/")[0] + kept.href, auth=("lee", "secret"), timeout=5)


def _all(server: str) -> list:  # type: ignore[type-arg]
    from bot.scheduling.caldav import QUERY, _items
    from bot.scheduling.calendars import Found

    body = QUERY.format(start="20000101T000000Z", end="21000101T000000Z")
    answer = requests.request("REPORT", server, data=body, auth=("lee", "secret"), headers={"Depth": "1"}, timeout=5)
    return [Found("", timezone.now(), timezone.now(), False, kept) for kept, _ in _items(answer.content)]


def clinic_with(url: str) -> object:
    lee = StaffMember(id="lee", name="Dr. Lee", calendar=Calendar(kind="caldav", url=url, user="lee"))
    service = BASE.services[0].copy(update={"staff": ("lee",)})
    return BASE.copy(update={"staff": (lee,), "services": (service,), "alerts": Alerts(emails=("desk@x.example",))})


def put(url: str, name: str, lines: str) -> None:
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", f"UID:{name}",
                        "DTSTAMP:20260101T000000Z", *lines.split("\n"), "END:VEVENT", "END:VCALENDAR", ""])
    answer = requests.put(f"{url}{name}.ics", data=text.encode(), auth=("lee", "secret"), timeout=5,
                          headers={"Content-Type": "text/calendar"})
    assert answer.status_code in (201, 204), answer.text


def at(days: int, hour: int) -> datetime:
    return (timezone.now() + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)


def test_what_others_wrote_takes_time_and_what_is_free_does_not(calendar: CalDav, server: str) -> None:
    put(server, "meeting", f"DTSTART:{at(3, 15):%Y%m%dT%H%M%SZ}\nDTEND:{at(3, 16):%Y%m%dT%H%M%SZ}\nSUMMARY:x")
    put(server, "weekly", f"DTSTART:{at(1, 18):%Y%m%dT%H%M%SZ}\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:x")
    put(server, "holiday", f"DTSTART;VALUE=DATE:{at(5, 0):%Y%m%d}\nDTEND;VALUE=DATE:{at(6, 0):%Y%m%d}\nSUMMARY:x")
    put(server, "free", f"DTSTART:{at(3, 20):%Y%m%dT%H%M%SZ}\nDTEND:{at(3, 21):%Y%m%dT%H%M%SZ}\nTRANSP:TRANSPARENT")
    put(server, "off", f"DTSTART:{at(3, 22):%Y%m%dT%H%M%SZ}\nDTEND:{at(3, 23):%Y%m%dT%H%M%SZ}\nSTATUS:CANCELLED")
    busy = calendar.read(timezone.now(), at(10, 0), FAR).busy
    starts = sorted(span.start for span in busy)
    assert len(busy) == 5 and at(3, 15) in starts
    assert [start for start in starts if start.hour == 18] == [at(1, 18), at(2, 18), at(3, 18)]
    assert any(span.end - span.start == timedelta(days=1) for span in busy)


def test_writing_is_guarded_by_what_we_last_saw(calendar: CalDav, server: str) -> None:
    visit = Visit("a1@visits", 0, at(4, 15), at(4, 16), "Consultation: Sam")
    kept = calendar.write(visit, None)
    with pytest.raises(ChangedMeanwhile):
        calendar.write(visit, None)  # there is one already
    with pytest.raises(ChangedMeanwhile):
        calendar.write(visit, Kept(kept.href, '"old"'))
    with pytest.raises(ChangedMeanwhile):
        calendar.remove(Kept(kept.href, '"old"'))
    found = calendar.read(timezone.now(), at(10, 0), frozenset({"a1@visits"})).visits
    assert [(item.uid, item.start, item.kept.etag) for item in found] == [("a1@visits", at(4, 15), kept.etag)]
    calendar.remove(kept)
    calendar.remove(kept)
    assert not calendar.read(timezone.now(), at(10, 0), frozenset({"a1@visits"})).visits


def booked(clinic: object, number: int = 0) -> Appointment:
    service = clinic.services[0]  # type: ignore[attr-defined]
    slot = offers.find_slots(clinic, service, Wish(), timezone.now(), 20)[number]  # type: ignore[arg-type]
    chat = store.open_conversation("sms", "+15550100177")
    return visit_steps.book_visit(clinic, chat, service, slot, "Sam", "+15550100177")  # type: ignore[arg-type]


def test_a_visit_goes_there_moves_there_and_what_is_changed_there_comes_back(calendar: CalDav, server: str) -> None:
    clinic = clinic_with(server)
    visit = booked(clinic)
    member = clinic.staff[0]  # type: ignore[attr-defined]
    CalendarState.objects.get_or_create(staff="lee")

    def sync() -> None:
        assert calendar_sync.sync(clinic, member, calendar, timezone.now())  # type: ignore[arg-type]
        visit.refresh_from_db()

    sync()
    assert visit.calendar_href and visit.calendar_etag and not visit.calendar_due
    other = offers.find_slots(clinic, clinic.services[0], Wish(), timezone.now(), 9)[5]  # type: ignore[arg-type,attr-defined]
    visit_steps.move_visit(clinic, visit, other)  # type: ignore[arg-type]
    sync()
    reading = calendar.read(timezone.now(), at(30, 0), frozenset({f"{visit.uid}@visits"}))
    assert [item.start for item in reading.visits] == [other.start]
    # somebody drags it to another hour in their calendar
    dragged = other.start + timedelta(hours=1)
    put_visit = Visit(f"{visit.uid}@visits", 5, dragged, dragged + timedelta(minutes=30), "moved")
    calendar.write(put_visit, reading.visits[0].kept)
    Outbox.objects.all().delete()
    sync()
    assert visit.start == dragged and "is now on" in Outbox.objects.get().body
    # … and then deletes it
    kept = calendar.read(timezone.now(), at(30, 0), frozenset({f"{visit.uid}@visits"})).visits[0].kept
    calendar.remove(kept)
    sync()
    assert visit.state == "cancelled" and Outbox.objects.filter(body__contains="is cancelled").exists()


def test_a_cancelled_visit_leaves_the_calendar(calendar: CalDav, server: str) -> None:
    clinic = clinic_with(server)
    visit, member = booked(clinic), clinic.staff[0]  # type: ignore[attr-defined]
    CalendarState.objects.get_or_create(staff="lee")
    calendar_sync.sync(clinic, member, calendar, timezone.now())  # type: ignore[arg-type]
    visit.refresh_from_db()
    visit_steps.cancel_visit(clinic, visit)  # type: ignore[arg-type]
    calendar_sync.sync(clinic, member, calendar, timezone.now())  # type: ignore[arg-type]
    assert _all(server) == []


def test_busy_times_are_not_offered(calendar: CalDav, server: str) -> None:
    clinic = clinic_with(server)
    first = offers.find_slots(clinic, clinic.services[0], Wish(), timezone.now())[0]  # type: ignore[arg-type,attr-defined]
    put(server, "busy", f"DTSTART:{first.start:%Y%m%dT%H%M%SZ}\nDTEND:{first.end:%Y%m%dT%H%M%SZ}\nSUMMARY:x")
    calendar_sync.sync_due(clinic, timezone.now(), lambda *_: calendar)  # type: ignore[arg-type]
    assert ExternalBusy.objects.count() == 1
    assert offers.slot_at(clinic, clinic.services[0], first.start, timezone.now()) is None  # type: ignore[arg-type,attr-defined]


def test_while_it_is_down_times_are_to_be_confirmed_and_staff_are_told() -> None:
    port = free_ports(1)[0]
    clinic = clinic_with(f"http://127.0.0.1:{port}/lee/visits/")
    dead = CalDav(f"http://127.0.0.1:{port}/lee/visits/", "lee", "x", BASE.zone)
    with pytest.raises(CalendarDown):
        dead.read(datetime.now(UTC), at(3, 0), FAR)
    calendar_sync.sync_due(clinic, timezone.now(), lambda *_: dead)  # type: ignore[arg-type]
    assert is_down(clinic, clinic.services[0])  # type: ignore[arg-type,attr-defined]
    assert Outbox.objects.filter(to="desk@x.example", body__contains="Dr. Lee").count() == 1
    visit = booked(clinic)
    assert visit.to_confirm and visit.calendar_due
    assert ContactRequest.objects.get().reason == "to_confirm"
    # nothing is lost: it is written when the calendar is back
    assert Appointment.objects.filter(calendar_due=True).count() == 1
