"""Free times, right across the days when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot.scheduling.slots import Busy, Offer, free_slots

ZONE = ZoneInfo("America/New_York")
OFFER = Offer(minutes=60, lead_hours=0, days_ahead=0, rooms=("A", "B"))


def whole_night(day: date) -> list[tuple[datetime, datetime]]:
    return [(datetime.combine(day, time(0), ZONE), datetime.combine(day, time(6), ZONE))]


def starts(day: date, busy: list[Busy] | None = None, offer: Offer = OFFER) -> list[datetime]:
    now = datetime.combine(day, time(0), ZONE).astimezone(UTC)
    return [slot.start for slot in free_slots(offer, whole_night, ZONE, busy or [], now)]


def test_a_usual_night_has_six_hours() -> None:
    assert len(starts(date(2026, 6, 1))) == 6


def test_no_slot_at_the_hour_that_does_not_exist() -> None:
    local = [start.astimezone(ZONE).hour for start in starts(date(2026, 3, 8))]
    assert local == [0, 1, 3, 4, 5]


def test_the_hour_that_comes_twice_is_two_different_slots() -> None:
    found = starts(date(2026, 11, 1))
    assert len(found) == len(set(found)) == 7
    assert [start.astimezone(ZONE).hour for start in found] == [0, 1, 1, 2, 3, 4, 5]


def test_a_slot_is_free_while_a_room_is() -> None:
    day = date(2026, 6, 1)
    first = starts(day)[0]
    end = starts(day)[1]
    one = [Busy(first, end, "A")]
    assert first in starts(day, one)
    assert first not in starts(day, [*one, Busy(first, end, "B")])


def test_lead_time_is_kept() -> None:
    offer = Offer(minutes=60, lead_hours=3, days_ahead=0, rooms=("A",))
    assert len(starts(date(2026, 6, 1), offer=offer)) == 3
