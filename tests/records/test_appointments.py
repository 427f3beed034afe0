"""No time is booked twice: the database says no, whoever asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from bot.records import appointments, offers, store
from bot.records.appointments import SlotTaken
from bot.records.models import Appointment
from bot.scheduling.wish import Wish
from bot.settings import get_settings

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_many_at_once_one_gets_the_slot() -> None:
    clinic = get_settings().clinic
    service = clinic.services[0]
    slot = offers.find_slots(clinic, service, Wish(), timezone.now())[0]
    chats = [store.open_conversation("web") for _ in range(40)]

    def attempt(chat: object) -> bool:
        try:
            appointments.book(chat, service, slot, "Sam", "sam@x.example")  # type: ignore[arg-type]
            return True
        except SlotTaken:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(attempt, chats))
    assert sum(won) == 1
    assert Appointment.objects.filter(state="booked", start=slot.start).count() == 1
    assert slot.start not in [other.start for other in offers.find_slots(clinic, service, Wish(), timezone.now(), 50)]


def test_a_hold_runs_out_and_a_cancelled_time_is_free_again() -> None:
    clinic = get_settings().clinic
    service = clinic.services[0]
    slot = offers.find_slots(clinic, service, Wish(), timezone.now())[0]
    first, second = store.open_conversation("web"), store.open_conversation("web")
    held = appointments.hold(first, service, slot)
    with pytest.raises(SlotTaken):
        appointments.book(second, service, slot, "Kim", "kim@x.example")
    Appointment.objects.filter(pk=held.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    booked = appointments.book(second, service, slot, "Kim", "kim@x.example")
    assert appointments.booked(second) == booked
    appointments.cancel(booked)
    appointments.book(first, service, slot, "Sam", "sam@x.example")
