"""Two hundred people want the same time at once: one gets it, everybody else another one, nobody the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from bot.records import appointments, offers, store
from bot.records.appointments import SlotTaken
from bot.records.models import Appointment, Claim, Conversation
from bot.scheduling.slots import Slot
from bot.scheduling.wish import Wish
from bot.settings import get_settings

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 200
CLINIC = get_settings().clinic
SERVICE = CLINIC.services[0].copy(update={"rooms": ("Room 1", "Room 2"), "days_ahead": 60})


def test_of_two_hundred_one_gets_the_slot_and_the_others_get_others() -> None:
    wanted = offers.find_slots(CLINIC, SERVICE, Wish(), timezone.now())[0]
    only_room = Slot(wanted.start, wanted.end, "Room 1")
    chats = [store.open_conversation("web") for _ in range(PEOPLE)]
    ready = Barrier(PEOPLE)

    def patient(chat: Conversation) -> tuple[bool, datetime, str]:
        try:
            ready.wait(60)
            return book(chat, only_room)
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as threads:
        got = list(threads.map(patient, chats))
    assert sum(first for first, _, _ in got) == 1
    assert len({(start, room) for _, start, room in got}) == PEOPLE
    assert Appointment.objects.filter(state="booked").count() == PEOPLE
    assert Appointment.objects.filter(state="booked", start=wanted.start, room="Room 1").count() == 1
    cells = list(Claim.objects.values_list("resource", "cell"))
    assert len(cells) == len(set(cells)) == PEOPLE * SERVICE.minutes // 5


def book(chat: Conversation, slot: Slot) -> tuple[bool, datetime, str]:
    """Try for a slot; whoever comes too late looks again and takes what is offered, as the chat does."""
    tries = 0
    while True:
        try:
            visit = appointments.book(chat, SERVICE, slot, "Sam", "sam@x.example")
            return tries == 0, visit.start, visit.room
        except SlotTaken:
            tries += 1
            now = timezone.now()
            found = offers.find_slots(CLINIC, SERVICE, Wish(), now, conversation=chat)
            offers.note_offered(chat, found, now)
            slot = found[chat.pk % len(found)]
