"""Small signs of the widget: typing is kept only while a person has the chat, a tapped line always; never a word."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from bot.channels import limits, tokens
from bot.records import signs, store
from bot.records.models import Conversation, Tap, Typing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    limits._seen.clear()


@pytest.fixture
def chat() -> Conversation:
    return store.open_conversation("web")


async def _say(client: Any, chat: Conversation, body: Any, token: str | None = None) -> int:
    answer = await client.post("/api/signs", data=body if isinstance(body, str) else json.dumps(body),
                               content_type="application/json",
                               headers={"Authorization": f"Bearer {token or tokens.issue(chat)}"})
    return int(answer.status_code)


@pytest.mark.asyncio
async def test_a_tapped_line_is_kept(async_client: Any, chat: Conversation) -> None:
    assert await _say(async_client, chat, {"tapped": "tel:988"}) == 204
    assert await _say(async_client, chat, {"tapped": "sms:741741"}) == 204
    assert [tap.line async for tap in Tap.objects.order_by("id")] == ["tel:988", "sms:741741"]


@pytest.mark.asyncio
@pytest.mark.parametrize("body", [{"tapped": "https://example.org"}, {"tapped": "tel:my name is Ana"}, {"tapped": 988},
                                  {"typing": "yes"}, {}, [], "not json", {"tapped": "tel:" + "9" * 40}])
async def test_anything_else_is_refused_and_not_kept(async_client: Any, chat: Conversation, body: Any) -> None:
    assert await _say(async_client, chat, body) == 400
    assert not await Tap.objects.aexists()


@pytest.mark.asyncio
async def test_strangers_leave_no_sign(async_client: Any, chat: Conversation) -> None:
    assert await _say(async_client, chat, {"tapped": "tel:988"}, token="guessed") == 401
    assert (await async_client.get("/api/signs")).status_code == 405


@pytest.mark.asyncio
async def test_typing_is_kept_while_a_person_has_the_chat(async_client: Any, chat: Conversation) -> None:
    assert await _say(async_client, chat, {"typing": True}) == 204
    assert not await Typing.objects.aexists()
    user = await get_user_model().objects.acreate(username="ana")
    await Conversation.objects.filter(pk=chat.pk).aupdate(owner=user)
    assert await _say(async_client, chat, {"typing": True}) == 204
    assert await Typing.objects.filter(patient_at__isnull=False).aexists()


def test_typing_fades(chat: Conversation) -> None:
    now = timezone.now()
    signs.note_typing(chat.pk, "patient", now)
    signs.note_typing(chat.pk, "staff", now)
    assert signs.patient_types(chat.pk, now)
    assert not signs.patient_types(chat.pk, now + signs.FRESH)
    assert signs.staff_types(now) == {chat.pk: now}
    assert signs.staff_types(now + signs.FRESH) == {}


def test_taps_without_end_fill_no_disk(chat: Conversation) -> None:
    for _ in range(signs.MOST_TAPS + 3):
        signs.note_tap(chat.pk, "tel:988", timezone.now())
    assert Tap.objects.count() == signs.MOST_TAPS
