"""The figures of a period, and the bars that show them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import charts, figures
from bot.records.models import Alert, Appointment, Conversation, Message, PhoneConsent

DAY = date(2026, 11, 10)
NOON = datetime(2026, 11, 10, 17, tzinfo=UTC)  # noon in New York


@pytest.fixture
def month(db: None) -> figures.Period:
    """Return a period in which something happened on one day, and on the days around it."""
    for number, (channel, tier) in enumerate((("web", "none"), ("web", "crisis"), ("sms", "emergency"))):
        conversation = Conversation.objects.create(channel=channel, tier=tier, created_at=NOON + timedelta(minutes=number))
        for kind in ("answer", "abstain") if tier == "none" else ("crisis",):
            Message.objects.create(conversation=conversation, sender="bot", kind=kind, text="x")
        if tier != "none":
            wait = timedelta(minutes=4 if channel == "web" else 30)
            Alert.objects.create(conversation=conversation, priority="P1", reason="x", created_at=NOON,
                                 acknowledged_at=NOON + wait, outcome="reached")
        Appointment.objects.create(conversation=conversation, service="c", room=str(number), start=NOON, end=NOON,
                                   state="booked" if number else "cancelled")
    # 4:59 am in UTC is the evening before in New York.
    Conversation.objects.create(channel="web", created_at=datetime(2026, 11, 10, 4, 59, tzinfo=UTC))
    PhoneConsent.objects.create(phone="+1", consents=False, source="stop", wording_version="1", at=NOON)
    return figures.Period(DAY, DAY)


def test_counts_of_a_day(month: figures.Period) -> None:
    found = figures.count(month)
    assert found.conversations == 3
    assert found.by_day == {"web": [2], "sms": [1]}
    assert (found.answered, found.not_answered, found.referrals) == (1, 1, 2)
    assert dict(found.tiers) == {"emergency": 1, "crisis": 1, "check_in": 0, "info": 0, "none": 1}
    first = found.acknowledged[0]
    assert (first.priority, first.count, first.open, first.minutes, first.in_time) == ("P1", 2, 0, 17.0, 0.5)
    assert (found.booked, found.cancelled, found.opted_out) == (2, 1, 1)
    assert found.hours[12] == 3


def test_one_channel_alone(month: figures.Period) -> None:
    found = figures.count(figures.Period(DAY, DAY, "web"))
    assert (found.conversations, found.opted_out, found.referrals) == (2, 0, 1)


def test_the_day_begins_in_the_clinics_zone(month: figures.Period) -> None:
    assert figures.count(figures.Period(DAY - timedelta(days=1), DAY)).by_day["web"] == [1, 2]


def test_a_period_has_an_end_and_is_no_longer_than_a_year() -> None:
    today = date(2026, 11, 22)
    assert len(figures.read_period(None, None, "", today).days) == 30
    assert len(figures.read_period(date(1999, 1, 1), None, "", today).days) == figures.LONGEST
    backwards = figures.read_period(date(2026, 11, 20), date(2026, 11, 10), "nonsense", today)
    assert (backwards.first, backwards.last, backwards.channel) == (date(2026, 11, 10), date(2026, 11, 10), "")
    assert figures.read_period(None, date(2099, 1, 1), "", today).last == today


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=1, max_size=40))
def test_bars_stay_in_the_picture_and_are_as_high_as_they_say(values: list[tuple[int, int]]) -> None:
    series = {"web": [one for one, _ in values], "sms": [other for _, other in values]}
    chart = charts.stacked([str(place) for place in range(len(values))], series)
    top = charts.nice_top(max(one + other for one, other in values))
    for bar in chart.bars:
        assert 0 <= bar.y <= charts.HEIGHT
        assert bar.x + bar.width <= charts.WIDTH + 1
        count = int(bar.title.rpartition(": ")[2])
        assert abs(bar.height - charts.HEIGHT * count / top) < 0.1
    assert len(chart.bars) == sum(bool(value) for pair in values for value in pair)


@pytest.mark.parametrize("highest, top", [(0, 2), (2, 2), (3, 4), (9, 10), (11, 20), (39, 40), (41, 100), (5000, 10000)])
def test_the_axis_ends_at_a_round_number(highest: int, top: int) -> None:
    assert charts.nice_top(highest) == top


def test_the_page_shows_charts_and_tables(enter: Callable[..., Client], month: figures.Period) -> None:
    page = enter().get("/desk/figures/?since=2026-11-10&until=2026-11-10").content.decode()
    assert 'role="img"' in page
    assert "Nov 10, web: 2" in page
    assert "17.0 min" in page
    assert "50 %" in page
    assert enter("ben").get("/desk/figures/?since=x&until=2026-99-99&channel=y").status_code == 200
