"""A booking link that is used again: by the same person, by two at once, after the visit was cancelled or is over."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core.signing import Signer
from django.test import AsyncClient
from django.utils import timezone

from bot.records.models import Appointment, Outbox, WaitingPatient
from bot.records.visit_links import link_of, waiting_link_of
from tests.records.test_visits import booked, free, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def path_of(link: str) -> str:
    """Return the path of an address."""
    return "/" + "/".join(link.rsplit("/", 2)[1:])


async def test_the_same_step_twice_is_one_step(gateway: object) -> None:
    visit = await sync_to_async(booked)()
    path, client, other = path_of(link_of(visit)), AsyncClient(), await sync_to_async(free)(4)
    for _ in range(3):
        await client.post(path, {"do": "move", "start": other.start.isoformat()})
    await visit.arefresh_from_db()
    assert (visit.start, visit.sequence) == (other.start, 1)
    for _ in range(3):
        await client.post(path, {"do": "confirm"})
    assert await Appointment.objects.filter(state="booked").acount() == 1


async def test_a_cancelled_visits_link_does_nothing_more(gateway: object) -> None:
    visit = await sync_to_async(booked)()
    path, client, other = path_of(link_of(visit)), AsyncClient(), await sync_to_async(free)(4)
    await client.post(path, {"do": "cancel"})
    told = await Outbox.objects.acount()
    for form in ({"do": "confirm"}, {"do": "move", "start": other.start.isoformat()}, {"do": "cancel"}, {"do": "book"}):
        assert (await client.post(path, form)).status_code == 200
    await visit.arefresh_from_db()
    assert visit.state == "cancelled" and visit.confirmed_at is None
    assert await Outbox.objects.acount() == told and await Appointment.objects.acount() == 1


async def test_a_visit_that_is_over_stays_as_it_was(gateway: object) -> None:
    visit = await sync_to_async(booked)()
    await Appointment.objects.filter(pk=visit.pk).aupdate(
        start=timezone.now() - timedelta(days=2), end=timezone.now() - timedelta(days=2, minutes=-30))
    other = await sync_to_async(free)(4)
    for form in ({"do": "cancel"}, {"do": "move", "start": other.start.isoformat()}):
        await AsyncClient().post(path_of(link_of(visit)), form)
    await visit.arefresh_from_db()
    assert visit.state == "booked" and visit.end < timezone.now()


@pytest.mark.parametrize("start", ["", "now", "2026-13-45", "1e9", "'; DROP TABLE", "0001-01-01T00:00:00", "9999-12-31T23:59:59+00:00", "\x00"])
async def test_a_time_that_was_never_offered_is_not_taken(gateway: object, start: str) -> None:
    visit = await sync_to_async(booked)()
    before = visit.start
    assert (await AsyncClient().post(path_of(link_of(visit)), {"do": "move", "start": start})).status_code == 200
    await visit.arefresh_from_db()
    assert (visit.start, visit.sequence) == (before, 0)


async def test_two_who_take_the_same_free_time_at_once(gateway: object) -> None:
    slot = await sync_to_async(free)(2)
    rows = [await sync_to_async(waiting)(contact=f"{name}@x.example") for name in ("kim", "lee")]
    for row in rows:
        await WaitingPatient.objects.filter(pk=row.pk).aupdate(
            state="offered", offered_start=slot.start)
        await row.arefresh_from_db()
    paths = [path_of(waiting_link_of(row)) for row in rows]
    answers = await asyncio.gather(*(AsyncClient().post(path) for path in paths * 3))
    assert {answer.status_code for answer in answers} == {200}
    assert await Appointment.objects.filter(start=slot.start, state="booked").acount() == 1


@pytest.mark.parametrize("path", ["/v/", "/w/"])
async def test_a_link_made_with_another_key_or_for_something_else_opens_nothing(gateway: object, path: str) -> None:
    visit = await sync_to_async(booked)()
    made = [Signer(key="guess", salt="visit").sign(str(visit.pk)), Signer(salt="feeds").sign(str(visit.pk)), str(visit.pk),
            f"{visit.pk}:", f"{visit.pk}:{'A' * 43}", f"0{link_of(visit).rpartition('/')[2]}"]
    answers = [await AsyncClient().post(path + token, {"do": "cancel"}) for token in made]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1  # whether there is such a visit is not to be told
    await visit.arefresh_from_db()
    assert visit.state == "booked"
