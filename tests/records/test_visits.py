"""A visit's life: what the patient is sent, what their link does, and who gets a time that became free."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core import mail
from django.test import AsyncClient
from django.utils import timezone
from icalendar import Calendar

from bot.records import appointments, offers, outbox, store, visit_steps, waitlist
from bot.records.appointments import SlotTaken
from bot.records.models import Appointment, Conversation, Message, Outbox, WaitingPatient
from bot.records.visit_links import link_of, visit_of, waiting_link_of
from bot.scheduling.slots import Slot
from bot.scheduling.wish import Wish
from bot.settings import get_settings, load_settings

pytestmark = pytest.mark.django_db(transaction=True)
CLINIC = get_settings().clinic
SERVICE = CLINIC.services[0]


def free(number: int = 0) -> Slot:
    return offers.find_slots(CLINIC, SERVICE, Wish(), timezone.now(), 20)[number]


def booked(contact: str = "sam@x.example", channel: str = "web", number: int = 0) -> Appointment:
    chat = store.open_conversation(channel, contact if channel == "sms" else None)
    return visit_steps.book_visit(CLINIC, chat, SERVICE, free(number), "Sam", contact)


def entries(text: str) -> tuple[str, list[object]]:
    calendar = Calendar.from_ical(text)
    assert calendar.walk("VTIMEZONE"), "a time with a zone needs the zone's rules"
    return str(calendar["METHOD"]), list(calendar.walk("VEVENT"))


def test_the_invitation_keeps_its_name_and_counts_its_changes(settings: object) -> None:
    visit = booked()
    visit_steps.move_visit(CLINIC, visit, free(3))
    visit_steps.cancel_visit(CLINIC, visit)
    rows = list(Outbox.objects.filter(kind="email").order_by("id"))
    read = [entries(row.attachment) for row in rows]
    assert [method for method, _ in read] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [found[0] for _, found in read]
    assert len({str(event["UID"]) for event in events}) == 1
    assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 2]
    assert [str(event["SUMMARY"]) for event in events] == ["Visit with Harbor Light Clinic"] * 3
    assert str(events[-1]["STATUS"]) == "CANCELLED"
    assert events[1].decoded("DTSTART") == visit.start
    assert all("ketamine" not in (row.subject + row.body + row.attachment).lower() for row in rows)


def test_the_email_carries_the_invitation_as_programs_expect_it() -> None:
    booked()
    outbox.Sender(load_settings(environ={})).send_due()
    message = mail.outbox[0]
    kinds = [str(part.get_content_type()) for part in message.message().walk()]
    assert kinds.count("text/calendar") == 2 and 'method="REQUEST"' in message.message().as_string().replace("method=REQUEST", 'method="REQUEST"')


def test_a_corrected_address_gets_the_confirmation_and_the_wrong_one_nothing() -> None:
    visit = booked("sam@wrong.example")
    visit_steps.change_contact(visit, "sam@x.example")
    outbox.Sender(load_settings(environ={})).send_due()
    assert [message.to for message in mail.outbox] == [["sam@x.example"]]
    visit.refresh_from_db()
    assert visit.contact == "sam@x.example" and visit.state == "booked" and visit.reminders
    visit_steps.change_contact(visit, "+15550100177")
    assert [row.to for row in Outbox.objects.filter(state="queued")] == ["+15550100177"]


def test_a_text_chat_gets_its_confirmation_once() -> None:
    booked("+15550100177", "sms")
    assert Outbox.objects.count() == 0  # the chat's own reply is the text
    booked("+15550100178", "web", 1)
    assert [row.to for row in Outbox.objects.all()] == ["+15550100178"]


def test_a_link_is_for_one_visit_and_cannot_be_made_up() -> None:
    visit, other = booked(), booked(number=1)
    token = link_of(visit).rpartition("/")[2]
    assert visit_of(token) == visit
    assert visit_of(token.replace(f"{visit.pk}:", f"{other.pk}:", 1)) is None
    assert visit_of("1") is None and visit_of("") is None


async def test_the_page_shows_moves_and_cancels_and_opening_it_changes_nothing(gateway: object) -> None:
    visit = await sync_to_async(booked)()
    path = "/v/" + link_of(visit).rpartition("/")[2]
    client = AsyncClient()
    for _ in range(2):
        shown = await client.get(path)
        assert shown.status_code == 200 and b"Harbor Light Clinic" in shown.content
    assert shown["Referrer-Policy"] == "no-referrer"
    await visit.arefresh_from_db()
    assert visit.state == "booked" and visit.sequence == 0
    await client.post(path, {"do": "confirm"})
    await visit.arefresh_from_db()
    assert visit.confirmed_at is not None
    other = await sync_to_async(free)(4)
    await client.post(path, {"do": "move", "start": other.start.isoformat()})
    await visit.arefresh_from_db()
    assert visit.start == other.start and visit.sequence == 1 and visit.confirmed_at is None
    file = await client.get(path + ".ics")
    assert file["Content-Type"].startswith("text/calendar") and b"SEQUENCE:1" in file.content
    await client.post(path, {"do": "cancel"})
    await visit.arefresh_from_db()
    assert visit.state == "cancelled"
    assert (await client.get("/v/7:nonsense")).status_code == 404
    assert await Message.objects.filter(conversation_id=visit.conversation_id, kind="booking").acount() == 2


ANY = Wish()


def waiting(wish: Wish = ANY, contact: str = "kim@x.example") -> WaitingPatient:
    chat = store.open_conversation("web")
    waitlist.join(chat, SERVICE, wish.as_json(), "Kim", contact, "en")
    return WaitingPatient.objects.get(conversation=chat)


def last_words(chat: Conversation | None) -> str:
    assert chat is not None
    return chat.messages.order_by("-id").first().text  # type: ignore[union-attr]


def test_the_first_taker_wins_and_the_others_hear_kindly() -> None:
    visit = booked()
    first, second, third = waiting(), waiting(), waiting()
    visit_steps.cancel_visit(CLINIC, visit)
    for row in (first, second, third):
        row.refresh_from_db()
        assert row.state == "offered" and "has become free" in last_words(row.conversation)
    got = waitlist.take(second, timezone.now())
    assert got.start == visit.start and got.first_name == "Kim"
    assert "someone else" in last_words(first.conversation) and "stay on the waiting list" in last_words(third.conversation)
    first.refresh_from_db()
    assert first.state == "waiting"
    first.offered_start = visit.start
    with pytest.raises(SlotTaken):
        waitlist.take(first, timezone.now())


def test_only_those_whom_it_suits_are_told() -> None:
    from bot.scheduling.wishes import read_wish

    visit = booked()
    local = visit.start.astimezone(CLINIC.zone)
    never = read_wish(f"not {local:%A}", timezone.now().astimezone(CLINIC.zone))
    assert never is not None
    row = waiting(never)
    visit_steps.cancel_visit(CLINIC, visit)
    row.refresh_from_db()
    assert row.state == "waiting"


async def test_the_waiting_link_takes_the_time(gateway: object) -> None:
    visit = await sync_to_async(booked)()
    row = await sync_to_async(waiting)()
    await sync_to_async(visit_steps.cancel_visit)(CLINIC, visit)
    path = "/w/" + (await sync_to_async(waiting_link_of)(row)).rpartition("/")[2]
    assert b"has become free" in (await AsyncClient().get(path)).content
    assert await Appointment.objects.filter(state="booked").acount() == 0
    assert b"This time is yours" in (await AsyncClient().post(path)).content
    assert await Appointment.objects.filter(state="booked", start=visit.start).acount() == 1


def test_visits_of_different_lengths_cannot_overlap() -> None:
    slot = free()
    long = SERVICE.copy(update={"minutes": 60, "id": "long"})
    first, second = store.open_conversation("web"), store.open_conversation("web")
    appointments.book(first, SERVICE, slot, "Sam", "sam@x.example")
    with pytest.raises(SlotTaken):
        appointments.book(second, long, Slot(slot.start - timedelta(minutes=30), slot.end, "Room 1"), "Kim", "k@x.example")


def test_a_move_to_a_taken_time_leaves_the_visit_as_it_was() -> None:
    visit, other = booked(), booked(number=2)
    before = visit.start
    with pytest.raises(SlotTaken):
        appointments.move(visit, SERVICE, Slot(other.start, other.end, other.room))
    visit.refresh_from_db()
    assert visit.start == before and visit.claims.count() == 6


def test_what_one_is_deciding_about_is_not_shown_to_another() -> None:
    one, two = store.open_conversation("web"), store.open_conversation("web")
    now = timezone.now().replace(minute=1)  # no lead time runs out while the offer lasts
    shown = offers.find_slots(CLINIC, SERVICE, Wish(), now, conversation=one)
    offers.note_offered(one, shown, now)
    others = offers.find_slots(CLINIC, SERVICE, Wish(), now, conversation=two)
    assert not {slot.start for slot in shown} & {slot.start for slot in others}
    later = now + offers.OFFER_LASTS + timedelta(seconds=1)
    assert offers.find_slots(CLINIC, SERVICE, Wish(), later, conversation=two) == shown


def test_times_are_shown_in_the_patients_own_zone_too() -> None:
    chat = store.open_conversation("web")
    chat.time_zone = "America/Los_Angeles"
    chat.save()
    day = timezone.now().astimezone(CLINIC.zone).date() + timedelta(days=9)
    start = datetime.combine(day, time(14, 30), CLINIC.zone)
    visit_steps.book_visit(CLINIC, chat, SERVICE, Slot(start, start + timedelta(minutes=30), "Room 1"), "Sam", "+15550100177")
    assert "2:30 pm (E" in Outbox.objects.get().body and "11:30 am P" in Outbox.objects.get().body


async def test_the_browser_may_name_the_patients_zone_and_nonsense_is_ignored(gateway: object) -> None:
    kept = []
    for zone in ("America/Los_Angeles", CLINIC.time_zone, "../../etc/passwd", "Nowhere/At_All", 7):
        await AsyncClient().post("/api/conversations", {"channel": "web", "time_zone": zone}, content_type="application/json")
        kept.append((await Conversation.objects.order_by("-id").afirst()).time_zone)  # type: ignore[union-attr]
    assert kept == ["America/Los_Angeles", "", "", "", ""]
