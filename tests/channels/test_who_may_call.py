"""Tokens, origins, addresses and languages: what a page is told that may not, or asks for what is not there."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import AsyncClient

from bot.channels import refusals, tokens
from bot.channels.gateway import Gateway
from bot.settings import Settings, get_settings
from tests.channels.test_web import Chat, chat  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SITE = "https://clinic.example"
OPEN = ("/api/conversations", "{}", "application/json")


@pytest.fixture
def with_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clinic whose page may show the widget."""
    known = get_settings()
    monkeypatch.setattr(refusals, "get_settings",
                        lambda: Settings(known.clinic.copy(update={"sites": (SITE,)}), known.env))


class Old(signing.TimestampSigner):
    """A signer whose clock stands in the past."""

    def timestamp(self) -> str:
        return signing.b62_encode(int(time.time() - (tokens.MAX_AGE + timedelta(minutes=1)).total_seconds()))


async def test_a_token_ends_after_a_week(chat: Chat) -> None:  # noqa: F811
    conversation = tokens.conversation_id(chat.token)
    old = Old(salt=tokens.SALT).sign_object(conversation)
    assert signing.loads(old, salt=tokens.SALT) == conversation
    assert (await chat.send(401, token=old, text="hi"))["error"]["code"] == "token"


async def test_a_token_of_another_purpose_opens_nothing(chat: Chat) -> None:  # noqa: F811
    other = signing.dumps(tokens.conversation_id(chat.token), salt="visit")
    assert (await chat.send(401, token=other, text="hi"))["error"]["code"] == "token"


async def test_the_clinics_site_may_read_answers_and_no_other_site(gateway: Gateway, with_site: None) -> None:
    for path in ("/api/conversations", "/api/messages", "/api/events"):
        allowed = await AsyncClient().options(path, headers={"Origin": SITE})
        assert allowed["Access-Control-Allow-Origin"] == SITE
        assert "Access-Control-Allow-Credentials" not in allowed
        refused = await AsyncClient().options(path, headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in refused
    opened = await AsyncClient().post(*OPEN, headers={"Origin": SITE})
    assert opened.status_code == 201 and opened["Access-Control-Allow-Origin"] == SITE


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://clinic.example.evil.example", "http://["])
async def test_a_page_elsewhere_cannot_even_open_a_chat(gateway: Gateway, with_site: None, origin: str) -> None:
    # As a form of another site would send it: without asking first.
    answer = await AsyncClient().post("/api/conversations", "{}", "text/plain", headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "origin" and "911" in answer.json()["error"]["message"]


async def test_our_own_pages_and_programs_without_an_origin_may(gateway: Gateway) -> None:
    own = await AsyncClient().post(*OPEN, headers={"Origin": "http://testserver"})
    public = await AsyncClient().post(*OPEN, headers={"Origin": get_settings().env.public_url})
    assert (own.status_code, public.status_code) == (201, 201)


@pytest.mark.parametrize("method, path, status, code", [
    ("get", "/api/nowhere", 404, "not_found"), ("post", "/api/", 404, "not_found"),
    ("get", "/api/conversations", 405, "method"), ("put", "/api/messages", 405, "method"),
    ("delete", "/api/messages", 405, "method"), ("post", "/api/events", 405, "method"),
    ("get", "/api/events", 401, "token")])
async def test_every_error_is_json(gateway: Gateway, method: str, path: str, status: int, code: str) -> None:
    answer: Any = await getattr(AsyncClient(), method)(path)
    assert answer.status_code == status and answer.json()["error"]["code"] == code
    assert answer["Cache-Control"] == "no-store"
    assert bool(answer.get("Allow")) == (status == 405)


async def test_errors_are_said_in_the_pages_language(gateway: Gateway) -> None:
    answer = await AsyncClient().get("/api/messages", headers={"Accept-Language": "es"})
    assert answer.json()["error"]["message"].startswith("Este chat ha terminado")


async def test_only_a_web_chat_is_opened_here(gateway: Gateway) -> None:
    answer = await AsyncClient().post("/api/conversations", '{"channel": "sms"}', "application/json")
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "channel"


@pytest.mark.parametrize("after", ["²", "-1", "1.0", "1" * 30, "٣", "x"])
async def test_a_place_that_is_no_number_is_refused(chat: Chat, after: str) -> None:  # noqa: F811
    answer = await chat.client.get(f"/api/messages?after={after}", headers={"Authorization": f"Bearer {chat.token}"})
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "bad_id"
