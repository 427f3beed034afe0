"""FHIR R4: what we write holds against the kept models, what a server has is read, and free times are published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from fhirclient.models import appointment as r4
from fhirclient.models import location, schedule, slot
from icalendar import Calendar as Ics

from bot import settings as bot_settings
from bot.records import store, visit_steps
from bot.records.feeds import feed_of
from bot.scheduling.calendars import CalendarDown, ChangedMeanwhile, Kept
from bot.scheduling.fhir import Fhir, appointment
from bot.scheduling.invitation import Visit
from bot.settings import Settings, get_settings
from tests.channels.conftest import gateway, real_gateway  # noqa: F401
from tests.records.test_visits import free
from tests.scheduling.fhir_server import Store, serving

START = datetime(2027, 1, 12, 15, tzinfo=UTC)
VISIT = Visit("5b1c8a52-0000-4000-8000-000000000001@visits", 0, START, START + timedelta(minutes=30), "Visit: Sam")


@pytest.fixture
def server() -> Iterator[tuple[Fhir, Store]]:
    with serving() as (base, kept):
        yield Fhir(base, "token", "Schedule/17"), kept


def a_slot(number: int, start: datetime, status: str) -> dict[str, Any]:
    def at(moment: datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"resourceType": "Slot", "id": str(number), "schedule": {"reference": "Schedule/17"}, "status": status,
            "start": at(start), "end": at(start + timedelta(minutes=30))}


def test_an_appointment_holds_against_the_kept_model() -> None:
    body = appointment(VISIT, "Slot/1")
    model = r4.Appointment(body)
    assert model.as_json() == body
    assert "reason" not in json.dumps(body).lower() and model.status == "booked"


def test_what_is_not_free_is_taken_over_many_pages(server: tuple[Fhir, Store]) -> None:
    fhir, kept = server
    for number in range(20):
        kept.put(a_slot(number, START + timedelta(minutes=30 * number), "busy" if number in (3, 4) else "free"))
    reading = fhir.read(START, START + timedelta(hours=12), frozenset())
    taken = [(span.start, span.end) for span in reading.busy]
    gap = (START + timedelta(minutes=90), START + timedelta(minutes=150))
    assert gap in taken                                                     # between free slots
    assert (START + timedelta(hours=10), START + timedelta(hours=12)) in taken  # after the last


def test_writing_reading_moving_and_cancelling(server: tuple[Fhir, Store]) -> None:
    fhir, kept = server
    kept.put(a_slot(1, START, "free"))
    written = fhir.write(VISIT, None)
    assert kept.rows["Slot/1"]["status"] == "busy"
    found = fhir.read(START - timedelta(days=1), START + timedelta(days=1), frozenset({VISIT.uid})).visits
    assert [(item.uid, item.start, item.cancelled) for item in found] == [(VISIT.uid, START, False)]
    assert found[0].kept == written
    with pytest.raises(ChangedMeanwhile):
        fhir.write(VISIT, Kept(written.href, 'W/"99"'))
    moved = fhir.write(Visit(VISIT.uid, 1, START + timedelta(hours=1), START + timedelta(minutes=90), "Visit: Sam"), written)
    fhir.remove(moved)
    assert kept.of("Appointment")[0]["status"] == "cancelled"


def test_a_server_that_is_gone_is_said() -> None:
    with pytest.raises(CalendarDown):
        Fhir("http://127.0.0.1:9", "", "Schedule/1").read(START, START, frozenset())


@pytest.fixture
def publishing(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Make the clinic one that publishes its free times."""
    current = get_settings()
    changed = Settings(current.clinic.copy(update={"booking_url": "https://clinic.example/book"}), current.env)
    from bot.channels import publish
    monkeypatch.setattr(publish, "get_settings", lambda: changed)
    assert bot_settings.get_settings() is current
    return changed


@pytest.mark.django_db(transaction=True)
async def test_free_times_are_published_as_scheduling_links(gateway: object, publishing: Settings) -> None:  # noqa: F811
    client = AsyncClient()
    manifest = (await client.get("/fhir/$bulk-publish")).json()
    models = {"Location": location.Location, "Schedule": schedule.Schedule, "Slot": slot.Slot}
    counts = {}
    for output in manifest["output"]:
        answer = await client.get("/fhir/" + output["url"].rpartition("/")[2])
        assert answer["Content-Type"] == "application/fhir+ndjson"
        rows = [json.loads(line) for line in answer.content.splitlines()]
        counts[output["type"]] = len([models[output["type"]](row) for row in rows])
    assert counts["Location"] == 1 and counts["Schedule"] == 1 and counts["Slot"] > 20
    assert rows[0]["extension"][0]["valueUrl"] == "https://clinic.example/book"


@pytest.mark.django_db(transaction=True)
async def test_nothing_is_published_unless_the_clinic_wants_it(gateway: object) -> None:  # noqa: F811
    assert (await AsyncClient().get("/fhir/$bulk-publish")).status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_the_private_feed_needs_its_signature_and_names_no_treatment(gateway: object) -> None:  # noqa: F811
    def book() -> None:
        clinic = get_settings().clinic
        visit_steps.book_visit(clinic, store.open_conversation("web"), clinic.services[0], free(), "Sam", "sam@x.example")

    await sync_to_async(book)()
    path = "/feeds/" + feed_of().rpartition("/")[2]
    answer = await AsyncClient().get(path)
    events = Ics.from_ical(answer.content).walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in events] == ["Consultation: Sam"]
    assert b"sam@x" not in answer.content and b"etamine" not in answer.content
    assert (await AsyncClient().get("/feeds/everyone:forged.ics")).status_code == 404
