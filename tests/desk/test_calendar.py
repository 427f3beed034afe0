"""The desk's calendar: seen, booked in, moved, cancelled, blocked; each change tells the patient."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bot.desk.calendar import read_grid
from bot.desk.calendar_urls import urlpatterns
from bot.desk.models import Role
from bot.records import offers, store, visit_steps
from bot.records.models import Appointment, AuditRow, Block, ContactRequest, Message, Outbox
from bot.scheduling.wish import Wish
from bot.settings import get_settings

pytestmark = pytest.mark.django_db
CLINIC = get_settings().clinic
PATIENT = {"first_name": "Kim", "contact": "206 555 0119", "service": "consultation", "when": ""}


@pytest.fixture
def visit() -> Appointment:
    slot = offers.find_slots(CLINIC, CLINIC.services[0], Wish(), timezone.now())[0]
    chat = store.open_conversation("sms", "+15550100177")
    return visit_steps.book_visit(CLINIC, chat, CLINIC.services[0], slot, "Sam", "+15550100177")


def free(number: int = 5) -> str:
    return offers.find_slots(CLINIC, CLINIC.services[0], Wish(), timezone.now(), 10)[number].start.isoformat()


def test_strangers_see_nothing_and_reviewers_change_nothing(visit: Appointment, enter: Callable[..., Client]) -> None:
    reviewer = enter("rob", Role.REVIEWER)
    for pattern in urlpatterns:
        path = "/desk/" + str(pattern.pattern).replace("<int:pk>", str(visit.pk))
        for method in ("get", "post"):
            assert getattr(Client(), method)(path).status_code in (302, 405)
        changes = pattern.name not in ("week", "day", "visit", "requests")
        assert (reviewer.post(path).status_code == 403) == changes, pattern.name
    visit.refresh_from_db()
    assert visit.state == "booked"


def test_the_week_and_the_day_show_the_visit_without_its_phone(visit: Appointment, enter: Callable[..., Client]) -> None:
    client, day = enter(), visit.start.astimezone(CLINIC.zone).date()
    for path in ("/desk/calendar/", "/desk/calendar/day/"):
        text = client.get(f"{path}?day={day}").content.decode()
        assert "Sam" in text and "5550100177" not in text and "•• ••77" in text
    assert "Sam" not in client.get(f"/desk/calendar/?day={day + timedelta(days=7)}").content.decode()
    assert AuditRow.objects.filter(action="view_calendar").exists()


def test_visits_of_the_same_time_stand_side_by_side(visit: Appointment) -> None:
    """In a week's column all rooms are together; up to four are seen abreast."""
    for number, room in enumerate(("Room 2", "Room 3", "Room 4", "Room 5")):
        Appointment.objects.create(service="consultation", room=room, state="booked", first_name=f"P{number}",
                                   start=visit.start, end=visit.end)
    later = Appointment.objects.create(service="consultation", room="Room 2", state="booked", first_name="Later",
                                       start=visit.end, end=visit.end + timedelta(minutes=30))
    day = visit.start.astimezone(CLINIC.zone).date()
    entries = read_grid(CLINIC, day, 7, timezone.now()).columns[0].entries
    assert [entry.lane for entry in entries[:4]] == [1, 2, 3, 4] and {entry.lanes for entry in entries[:5]} == {4}
    assert [(entry.pk, entry.lanes) for entry in entries[5:]] == [(later.pk, 1)]


def test_closed_hours_are_shown_as_such() -> None:
    sunday = timezone.now().astimezone(CLINIC.zone).date() + timedelta(days=14)
    sunday += timedelta(days=6 - sunday.weekday())
    grid = read_grid(CLINIC, sunday - timedelta(days=6), 7, timezone.now())
    assert grid.columns[6].shut == ((1, grid.rows),)
    for column in grid.columns[:5]:
        rows = [row for first, count in column.shut for row in range(first, first + count)]
        assert len(rows) < grid.rows or not CLINIC.spans(column.day)
        assert not any(4 <= row - 1 < 20 for row in rows) or not CLINIC.spans(column.day)  # nine to one is open every workday


def test_booking_for_a_patient_by_words_tells_them(enter: Callable[..., Client]) -> None:
    client = enter()
    found = client.post("/desk/calendar/find/", {**PATIENT, "when": "thursday afternoon"}).content.decode()
    assert "Thursday" in found and "Friday" not in found
    done = client.post("/desk/calendar/book/", {**PATIENT, "start": free()})
    visit = Appointment.objects.get()
    assert done.status_code == 302 and visit.first_name == "Kim" and visit.booked_by is not None
    assert Outbox.objects.get().to == "+12065550119"


def test_a_time_that_is_gone_is_said_and_others_are_shown(visit: Appointment, enter: Callable[..., Client]) -> None:
    answer = enter().post("/desk/calendar/book/", {**PATIENT, "start": visit.start.isoformat()}, follow=True)
    assert "just been taken" in answer.content.decode() and Appointment.objects.count() == 1


def test_moving_and_cancelling_tell_the_patient_on_their_channel(visit: Appointment, enter: Callable[..., Client]) -> None:
    client, before = enter(), visit.start
    client.post(f"/desk/visits/{visit.pk}/move/", {"start": free()})
    visit.refresh_from_db()
    assert visit.start != before
    client.post(f"/desk/visits/{visit.pk}/cancel/")
    visit.refresh_from_db()
    assert visit.state == "cancelled"
    texts = list(Outbox.objects.order_by("id").values_list("to", "body"))
    assert [to for to, _ in texts] == ["+15550100177"] * 2
    assert "is now on" in texts[0][1] and "is cancelled" in texts[1][1]
    assert Message.objects.filter(conversation=visit.conversation, kind="booking").count() == 2


def test_a_blocked_time_is_not_offered_until_it_is_freed(enter: Callable[..., Client]) -> None:
    client = enter()
    first = offers.find_slots(CLINIC, CLINIC.services[0], Wish(), timezone.now())[0].start.astimezone(CLINIC.zone)
    client.post("/desk/calendar/block/", {"day": f"{first:%Y-%m-%d}", "begins": "00:00", "ends": "23:59", "whom": "", "reason": ""})
    starts = offers.find_slots(CLINIC, CLINIC.services[0], Wish(), timezone.now(), 30)
    assert all(slot.start.astimezone(CLINIC.zone).date() != first.date() for slot in starts)
    assert "Blocked" in client.get(f"/desk/calendar/?day={first:%Y-%m-%d}").content.decode()
    client.post(f"/desk/calendar/block/{Block.objects.get().pk}/free/")
    assert offers.find_slots(CLINIC, CLINIC.services[0], Wish(), timezone.now())[0].start == first


def test_contact_requests_have_a_state(enter: Callable[..., Client]) -> None:
    client, chat = enter(), store.open_conversation("sms", "+15550100177")
    row = ContactRequest.objects.create(conversation=chat, contact="+15550100177", reason="call_back")
    assert chat.case in client.get("/desk/requests/").content.decode()
    client.post(f"/desk/requests/{row.pk}/settle/", {"state": "done"})
    row.refresh_from_db()
    assert row.state == "done" and row.handled_by is not None
    assert chat.case not in client.get("/desk/requests/").content.decode()
    assert chat.case in client.get("/desk/requests/?all=1").content.decode()


def test_a_missed_visit_is_marked(visit: Appointment, enter: Callable[..., Client]) -> None:
    Appointment.objects.filter(pk=visit.pk).update(start=timezone.now() - timedelta(hours=1), end=timezone.now())
    enter().post(f"/desk/visits/{visit.pk}/mark/", {"what": "missed"})
    visit.refresh_from_db()
    assert visit.missed
