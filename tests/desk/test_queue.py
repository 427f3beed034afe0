"""The queue: its order, filters, search, and live part."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bot.desk import queue
from bot.desk.filters import Filters, read_filters
from bot.records import store
from bot.records.models import Alert, AuditRow, Conversation, Heartbeat, Message

pytestmark = pytest.mark.django_db
LIVE = {"X-Desk-Live": "1"}


def _alert(priority: str, minutes: int, **more: object) -> Conversation:
    conversation = Conversation.objects.create(channel="web", tier="crisis")
    Alert.objects.create(conversation=conversation, priority=priority, reason="crisis.suicide",
                         created_at=timezone.now() - timedelta(minutes=minutes), **more)
    return conversation


def news(answer: Any) -> dict[str, Any]:
    """Return what a live answer tells in its header."""
    told: dict[str, Any] = json.loads(answer["HX-Trigger"])["desk:news"]
    return told


def _cases(conversations: list[Conversation]) -> list[str]:
    return [conversation.case for conversation in conversations]


def test_alerts_come_by_priority_and_age_then_who_waits_then_the_rest(person: Callable[..., object]) -> None:
    new_p1, old_p2, old_p1 = _alert("P1", 1), _alert("P2", 90), _alert("P1", 9)
    settled = _alert("P1", 50, acknowledged_at=timezone.now(), outcome="reached")
    unsettled = _alert("P1", 50, acknowledged_at=timezone.now())
    waiting = Conversation.objects.create(channel="web", waiting=True)
    owned = Conversation.objects.create(channel="web", owner=person("ana"))
    found = queue.read_queue(Filters())
    assert _cases(found.alerts) == _cases([old_p1, new_p1, old_p2])
    assert found.waiting[0] == waiting
    assert set(found.waiting) == {waiting, unsettled, owned}
    assert found.rest == [settled]
    assert found.open_alerts == 3


def test_one_row_for_many_alerts_of_one_conversation(crisis: Conversation) -> None:
    Alert.objects.create(conversation=crisis, priority="P3", reason="person_asked")
    row, = queue.read_queue(Filters()).alerts
    assert (row.open_alerts, row.top, row.why) == (2, "P1", "crisis.suicide")


def test_filters(crisis: Conversation, calm: Conversation) -> None:
    Message.objects.filter(conversation=crisis).update(answered_at=timezone.now())
    for query, expected in (({"tier": "crisis"}, [crisis]), ({"tier": "emergency"}, []),
                            ({"channel": "web"}, [calm]), ({"channel": "sms"}, [crisis]),
                            ({"unanswered": "1"}, [calm]), ({"tier": "<nonsense>"}, [crisis, calm])):
        found = queue.read_queue(read_filters(query))
        assert [*found.alerts, *found.waiting, *found.rest] == expected, query


def test_search_by_case_and_by_text(enter: Callable[..., Client], crisis: Conversation,
                                    calm: Conversation) -> None:
    client = enter()
    for words, expected in ((crisis.case.lower(), crisis), ("END IT ALL", crisis), ("session", calm)):
        html = client.post("/desk/", {"words": words}).content.decode()
        assert f"row-{expected.case}" in html
        assert f"row-{(calm if expected is crisis else crisis).case}" not in html


def test_searched_words_are_in_no_address_and_not_in_the_audit(enter: Callable[..., Client],
                                                               crisis: Conversation) -> None:
    client = enter()
    html = client.post("/desk/", {"words": "end it all"}).content.decode()
    assert "words=" not in html.replace('name="words"', "")
    row = AuditRow.objects.get(action="search")
    assert row.detail == "1 found"


def test_an_alert_s_row_says_what_was_said_masked_and_other_rows_do_not(
        enter: Callable[..., Client], crisis: Conversation, calm: Conversation) -> None:
    html = enter().get("/desk/").content.decode()
    assert "i want to end it all, call me at •••" in html
    assert "0177" not in html
    assert "0134" not in html
    assert "how long is a session" not in html
    assert AuditRow.objects.filter(action="view_queue").count() == 1


def test_new_alerts_that_a_live_page_shows_are_on_record_once(enter: Callable[..., Client],
                                                             crisis: Conversation) -> None:
    client, seen = enter(), {"newest": Alert.objects.get().pk}
    for _ in range(2):
        client.post("/desk/live/", seen, headers=LIVE)
    assert not AuditRow.objects.filter(action="view_queue").exists()
    _alert("P2", 0)
    client.post("/desk/live/", seen, headers=LIVE)
    assert AuditRow.objects.filter(action="view_queue", detail="live").count() == 1


def test_live_rows_come_only_when_something_changed(enter: Callable[..., Client],
                                                    crisis: Conversation) -> None:
    client = enter()
    first = client.post("/desk/live/", headers=LIVE)
    html = first.content.decode()
    assert crisis.case in html
    assert (news(first)["open_alerts"], news(first)["p1_case"]) == (1, crisis.case)
    mark = re.findall(r'name="mark" value="(\w+)"', html)[0]
    second = client.post("/desk/live/", {"mark": mark}, headers=LIVE)
    assert (second.status_code, second.content) == (204, b"")
    assert news(second) == news(first)
    newer = _alert("P1", 0)
    third = client.post("/desk/live/", {"mark": mark}, headers=LIVE)
    assert newer.case in third.content.decode()
    assert news(third)["p1"] > news(second)["p1"]
    assert news(third)["p1_case"] == newer.case


@pytest.mark.parametrize("change", ["label", "acknowledge", "take", "message", "heartbeat"])
def test_whatever_a_row_shows_makes_it_come_anew(enter: Callable[..., Client], crisis: Conversation,
                                                 change: str) -> None:
    client = enter()
    html = client.post("/desk/live/", headers=LIVE).content.decode()
    mark = re.findall(r'name="mark" value="(\w+)"', html)[0]
    if change == "label":
        client.post(f"/desk/c/{crisis.case}/label/", {"name": "call back"})
    elif change == "acknowledge":
        client.post(f"/desk/alerts/{Alert.objects.get().pk}/acknowledge/")
    elif change == "take":
        client.post(f"/desk/c/{crisis.case}/take/")
    elif change == "message":
        said, _is_new = store.record_inbound(crisis, "x:1", "client-1", "hello")
        store.record_replies(said, crisis, [store.Reply("answer", "Hello.")])
    else:
        Heartbeat.objects.create(name="worker", at=timezone.now() - timedelta(hours=1))
    then = client.post("/desk/live/", {"mark": mark}, headers=LIVE)
    assert then.status_code == 200 and then.content.decode() != html


def test_beneath_a_search_only_the_counts_live(enter: Callable[..., Client], crisis: Conversation) -> None:
    answer = enter().post("/desk/live/", {"only": "counts"}, headers=LIVE)
    assert answer.status_code == 204
    assert news(answer) == {"open_alerts": 1, "p1": Alert.objects.get().pk, "p1_case": crisis.case}


def test_the_title_counts_open_alerts(enter: Callable[..., Client], crisis: Conversation) -> None:
    assert "<title>(1) Queue" in enter().get("/desk/").content.decode()


def test_late_means_past_the_target() -> None:
    now = timezone.now()
    assert queue.is_late("P1", now - timedelta(minutes=6), now)
    assert not queue.is_late("P1", now - timedelta(minutes=4), now)
    assert not queue.is_late("P2", now - timedelta(hours=3), now)
    assert not queue.is_late("P3", now - timedelta(days=3), now)


def test_pages_go_on_where_the_last_ended(db: None) -> None:
    for _ in range(queue.PAGE + 3):
        Conversation.objects.create(channel="web")
    first, second = (queue.read_queue(Filters(page=page)) for page in (1, 2))
    assert (len(first.rest), first.has_more) == (queue.PAGE, True)
    assert (len(second.rest), second.has_more) == (3, False)
    assert not set(first.rest) & set(second.rest)
