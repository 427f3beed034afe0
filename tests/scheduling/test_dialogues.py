"""Whole bookings as strangers write them, through the gateway and the trained model, against where they have to end."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import yaml
from asgiref.sync import sync_to_async

from actions import patient
from bot.channels.gateway import Gateway
from bot.channels.inbound import Inbound
from bot.records import store
from bot.records.models import Appointment, Offered, WaitingPatient
from bot.settings import get_settings
from tests.channels.conftest import real_gateway  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CASES = [
    (channel, line)
    for name in ("dialogues.yml", "strangers.yml", "newcomers.yml", "fourth.yml", "fifth.yml", "sixth.yml")
    for channel, lines in yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8")).items()
    for line in lines
]
DAYS = "mon tue wed thu fri sat sun".split()
PHONE = "+15550100142"
RIGHT = 0.95


def a_monday() -> datetime:
    """Return ten o'clock on a Monday to come, with three weeks after it that have no holiday."""
    clinic = get_settings().clinic
    day = datetime.now(clinic.zone).date()
    while day.weekday() != 0 or any(day <= holiday <= day + timedelta(days=22) for holiday in clinic.holidays):
        day += timedelta(days=1)
    return datetime.combine(day, time(10), clinic.zone)


NOW = a_monday()


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    before = patient._clock
    patient.install_clock(lambda: NOW)
    yield
    patient.install_clock(before)


def fill(text: str) -> str:
    """Put dates in: {d8} is "December 3", {s9} is "12/4"."""
    def put(match: re.Match[str]) -> str:
        day = NOW.date() + timedelta(days=int(match[2]))
        return f"{day:%B} {day.day}" if match[1] == "d" else f"{day.month}/{day.day}"
    return re.sub(r"\{([ds])(\d+)\}", put, text)


async def end_of(gateway: Gateway, channel: str, turns: list[str]) -> tuple[str, Appointment | None, list[str]]:
    """Hold a dialogue and return how it ended."""
    await sync_to_async(lambda: [rows.objects.all().delete() for rows in (Appointment, Offered, WaitingPatient)])()
    conversation = await sync_to_async(store.open_conversation)(channel, PHONE if channel == "sms" else None)
    said: list[str] = []
    for text in turns:
        outcome = await gateway.receive(Inbound(conversation, str(uuid.uuid4()), "dialogue", fill(text)))
        said += [f"> {text}", *(f"{reply.kind}: {reply.text}" for reply in outcome.replies)]
        kinds = [reply.kind for reply in outcome.replies]

    def look() -> tuple[str, Appointment | None]:
        booked = list(Appointment.objects.filter(state="booked"))
        if "crisis" in kinds:
            return "crisis", None
        if booked:
            return "booked" if len(booked) == 1 else "booked twice", booked[0]
        if Appointment.objects.filter(state="cancelled").exists():
            return "cancelled", None
        if WaitingPatient.objects.filter(state="waiting").exists():
            return "waiting", None
        if re.search(r"under 18|a child or teen|menor(?:es)? de 18", outcome.replies[-1].text):
            return "minor", None
        return "person" if "handoff" in kinds else "none", None

    ended, visit = await sync_to_async(look)()
    return ended, visit, said


def is_right(wanted: str, ended: str, visit: Appointment | None) -> bool:
    """Return whether a dialogue ended as it had to."""
    words = wanted.split()
    if len(words) == 1:
        # the screen may meet a young person with more care than the booking would
        return ended in wanted.split("/") or (wanted, ended) == ("minor", "crisis")
    if ended != "booked" or visit is None:
        return False
    day, hours, name, contact = words
    local = visit.start.astimezone(get_settings().clinic.zone)
    return (fits_day(day, local.date()) and fits_hours(hours, local.time()) and name in ("*", visit.first_name)
            and contact in ("*", visit.contact, "phone" if visit.contact == PHONE else ""))


def fits_day(wanted: str, day: date) -> bool:
    if wanted == "*":
        return True
    if match := re.fullmatch(r"d\+(\d+)(?:\.\.(\d+))?", wanted):
        return int(match[1]) <= (day - NOW.date()).days <= int(match[2] or match[1])
    listed = DAYS[day.weekday()] in wanted.lstrip("!").split(",")
    return listed != wanted.startswith("!")


def fits_hours(wanted: str, at: time) -> bool:
    if wanted == "*":
        return True
    first, _, last = wanted.partition("-")
    return time.fromisoformat(first.zfill(5)) <= at <= time.fromisoformat((last or first).zfill(5))


def test_there_are_enough() -> None:
    assert len(CASES) >= 150


async def test_dialogues_end_where_they_have_to(real_gateway: Gateway) -> None:  # noqa: F811
    wrong: list[str] = []
    for channel, line in CASES:
        spoken, _, wanted = line.partition("=>")
        ended, visit, said = await end_of(real_gateway, channel, [turn.strip() for turn in spoken.split("|")])
        if not is_right(wanted.strip(), ended, visit):
            found = f"{visit.start.astimezone(NOW.tzinfo):%a %d %b %H:%M} {visit.first_name} {visit.contact}" if visit else ""
            wrong.append("\n".join([f"{channel}: {line}", f"   ended: {ended} {found}", *("   " + each[:200] for each in said)]))
    share = 1 - len(wrong) / len(CASES)
    assert share >= RIGHT, f"{share:.1%} right\n" + "\n\n".join(wrong)
    print(f"{share:.1%} of {len(CASES)} right")
    for each in wrong:
        print(each, "\n")


async def test_a_reminder_is_answered_with_a_number(real_gateway: Gateway) -> None:  # noqa: F811
    from bot.records.models import Reminder

    await end_of(real_gateway, "sms", ["book", "next week tuesday", "1", "Sam"])
    visit = await Appointment.objects.aget(state="booked")
    conversation = await sync_to_async(lambda: Appointment.objects.get(pk=visit.pk).conversation)()
    assert conversation is not None

    async def say(text: str) -> str:
        outcome = await real_gateway.receive(Inbound(conversation, str(uuid.uuid4()), "dialogue", text))
        return outcome.replies[-1].text

    assert "not sure what that refers to" in await say("1")  # nothing was asked yet
    await Reminder.objects.acreate(appointment=visit, kind="48", start=visit.start, queued_at=NOW)
    assert "is confirmed" in await say("1")
    await visit.arefresh_from_db()
    assert visit.confirmed_at is not None and visit.state == "booked"
