"""Every filter of the queue, saved views, and labels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bot.desk import filters, queue
from bot.desk.models import Label, Review, SavedFilter
from bot.records.models import Alert, Conversation, Message

pytestmark = pytest.mark.django_db


def _found(**query: str) -> set[Conversation]:
    found = queue.read_queue(filters.read_filters(query))
    return {*found.alerts, *found.waiting, *found.rest}


def test_by_category_kind_language_and_label(crisis: Conversation, calm: Conversation, person: Any) -> None:
    Conversation.objects.filter(pk=calm.pk).update(language="es")
    Label.objects.create(conversation=calm, name="press")
    assert _found(category="suicide") == {crisis}
    assert _found(kind="crisis") == {crisis}
    assert _found(kind="abstain") == set()
    assert _found(language="es") == {calm}
    assert _found(label="press") == {calm}
    assert _found(label="nobody") == set()
    assert _found(language="klingon") == {crisis, calm}


def test_by_answer(crisis: Conversation, calm: Conversation) -> None:
    Message.objects.filter(conversation=crisis).update(answered_at=timezone.now())
    assert _found(answer="unanswered") == {calm}
    assert _found(answer="answered") == {crisis}


def test_by_staff_member(crisis: Conversation, calm: Conversation, person: Callable[..., Any]) -> None:
    ana, ben, eva, none = (person(name) for name in ("ana", "ben", "eva", "none"))
    Conversation.objects.filter(pk=calm.pk).update(owner=ana)
    Alert.objects.update(assigned_to=ben)
    Message.objects.create(conversation=crisis, sender="staff", staff=eva, text="hello")
    for user, expected in ((ana, {calm}), (ben, {crisis}), (eva, {crisis}), (none, set())):
        assert _found(staff=str(user.pk)) == expected


def test_by_review(crisis: Conversation, calm: Conversation, person: Callable[..., Any]) -> None:
    Review.objects.create(message=calm.messages.get(), reviewer=person("ana"), mark="good")
    assert _found(unreviewed="1") == {crisis}


def test_by_day(crisis: Conversation, calm: Conversation) -> None:
    today = timezone.localdate()
    Conversation.objects.filter(pk=calm.pk).update(updated_at=timezone.now() - timedelta(days=10))
    assert _found(since=str(today)) == {crisis}
    assert _found(until=str(today - timedelta(days=5))) == {calm}
    assert _found(since=str(today - timedelta(days=20)), until=str(today)) == {crisis, calm}
    assert _found(since="2026-99-99") == {crisis, calm}


def test_a_view_is_saved_found_again_and_forgotten(enter: Callable[..., Client], crisis: Conversation) -> None:
    client = enter()
    answer = client.post("/desk/filters/save/", {"tier": "crisis", "channel": "sms", "name": "Texts in crisis",
                                                 "words": "never kept"})
    assert answer["Location"] == "/desk/?tier=crisis&channel=sms"
    page = client.get("/desk/").content.decode()
    assert 'href="?tier=crisis&amp;channel=sms"' in page
    assert "Texts in crisis" in page
    view = SavedFilter.objects.get()
    assert "never" not in view.query
    assert enter("ben").post(f"/desk/filters/{view.pk}/forget/").status_code == 404
    client.post(f"/desk/filters/{view.pk}/forget/")
    assert not SavedFilter.objects.exists()


def test_pages_keep_the_view(enter: Callable[..., Client], db: None) -> None:
    for _ in range(queue.PAGE + 1):
        Conversation.objects.create(channel="web", language="es")
    page = enter().get("/desk/?language=es").content.decode()
    assert 'href="?language=es&amp;page=2"' in page
