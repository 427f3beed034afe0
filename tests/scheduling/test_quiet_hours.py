"""No reminder goes out at night, also on the days when the clocks change."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.scheduling.quiet_hours import is_quiet, send_at

ZONE = ZoneInfo("America/New_York")
BEGINS, ENDS = time(20), time(8, 30)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize("start, hours, wanted", [
    ("2026-12-02 14:00", 48, "2026-11-30 14:00"),
    ("2026-12-02 14:00", 2, "2026-12-02 12:00"),
    ("2026-12-02 10:00", 2, "2026-12-02 08:30"),   # on to the end of the night
    ("2026-12-02 09:00", 2, "2026-12-01 19:30"),   # too close to the visit: the evening before
    ("2026-12-02 07:00", 48, "2026-11-30 08:30"),
    ("2026-12-02 21:30", 48, "2026-12-01 08:30"),
    ("2026-11-01 14:00", 48, "2026-10-30 15:00"),  # 48 hours over the night that has 25
    ("2026-03-08 14:00", 2, "2026-03-08 12:00"),
    ("2026-11-02 09:30", 2, "2026-11-01 19:30")])
def test_when_a_reminder_goes_out(start: str, hours: int, wanted: str) -> None:
    found = send_at(at(start).astimezone(ZoneInfo("UTC")), timedelta(hours=hours), BEGINS, ENDS, ZONE)
    assert found == at(wanted)
    assert not is_quiet(found.astimezone(ZONE), BEGINS, ENDS)


def test_in_the_patients_own_zone() -> None:
    pacific = ZoneInfo("America/Los_Angeles")
    found = send_at(at("2026-12-02 10:30"), timedelta(hours=48), BEGINS, ENDS, pacific)
    assert found.astimezone(pacific).time() == time(8, 30)
