"""The widget's calls, as a stranger might make them too."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import AsyncClient

from bot.channels.gateway import Gateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Chat:
    """A browser with one conversation."""

    def __init__(self) -> None:
        self.client = AsyncClient()
        self.token = ""

    async def open(self) -> dict[str, Any]:
        response = await self.client.post("/api/conversations", json.dumps({"channel": "web"}), "application/json")
        assert response.status_code == 201
        body = response.json()
        self.token = body["conversation"]
        return body

    async def send(self, expect: int = 200, token: str | None = None, **body: Any) -> dict[str, Any]:
        body.setdefault("client_id", str(uuid.uuid4()))
        response = await self.client.post(
            "/api/messages", json.dumps(body), "application/json",
            headers={"Authorization": f"Bearer {self.token if token is None else token}"})
        assert response.status_code == expect, response.content
        return response.json()


@pytest.fixture
async def chat(gateway: Gateway) -> Chat:
    chat = Chat()
    await chat.open()
    return chat


async def test_the_first_turn_says_what_it_is(gateway: Gateway) -> None:
    text = (await Chat().open())["messages"][0]["text"]
    for part in ("automated", "not a person or a clinician", "not watched around the clock", "911", "988", "saved", "staff"):
        assert part in text


async def test_a_question_gets_an_answer_with_its_sources(chat: Chat) -> None:
    body = await chat.send(text="what are the side effects?")
    patient, answer = body["messages"][0], body["messages"][1]
    assert patient["from"] == "patient" and patient["text"] == "what are the side effects?"
    assert answer["kind"] == "answer" and answer["sources"] and answer["choices"]
    assert {"id", "from", "kind", "text", "choices", "sources", "resources", "at"} <= set(answer)


async def test_a_button_is_resolved_here_and_only_in_its_own_conversation(chat: Chat, gateway: Gateway) -> None:
    body = await chat.send(text="hello")
    choice = next(c for c in body["messages"][1]["choices"] if c["label"] == "Book a consultation")
    assert (await chat.send(choice=choice["id"]))["messages"][1]["kind"] == "booking"
    other = Chat()
    await other.open()
    assert (await other.send(404, choice=choice["id"]))["error"]["code"] == "choice"


async def test_a_slash_command_is_only_text(chat: Chat) -> None:
    body = await chat.send(text="/greet@1.0 I want to kill myself")
    assert body["messages"][1]["kind"] == "crisis"


@pytest.mark.parametrize("token", ["", "x", "abc.def.ghi"])
async def test_without_a_token_nothing_is_read_or_written(chat: Chat, token: str) -> None:
    assert (await chat.send(401, token=token, text="hi"))["error"]["code"] == "token"


@pytest.mark.parametrize("body, status, code", [
    ({"text": ""}, 400, "empty"), ({"text": "   "}, 400, "empty"), ({"text": 5}, 400, "empty"), ({}, 400, "empty"),
    ({"text": "x" * 2001}, 413, "too_long"), ({"text": "hi", "client_id": "no"}, 400, "client_id"),
    ({"text": "hi", "client_id": 7}, 400, "client_id"), ({"choice": "999999.0"}, 404, "choice"),
    ({"choice": {"a": 1}}, 404, "choice"), ({"choice": "1.1.1"}, 404, "choice"), ({"choice": "²."}, 404, "choice"),
    ({"choice": "٣.٣"}, 404, "choice")])
async def test_bad_input_is_refused_in_plain_words(chat: Chat, body: dict[str, Any], status: int, code: str) -> None:
    error = (await chat.send(status, **body))["error"]
    assert error["code"] == code and error["message"].endswith((".", "988."))


@pytest.mark.parametrize("raw", [b"[1]", b"{", b"\xff\xfe", b"null", b'"x"', b"[" * 9000, b'{"a":' * 3000])
async def test_a_body_that_is_no_object_is_refused(chat: Chat, raw: bytes) -> None:
    response = await chat.client.post("/api/messages", raw, "application/json",
                                      headers={"Authorization": f"Bearer {chat.token}"})
    assert response.status_code == 400 and response.json()["error"]["code"] == "json"


async def test_history_comes_back_after_a_reload(chat: Chat) -> None:
    await chat.send(text="hello")
    response = await chat.client.get("/api/messages?after=0", headers={"Authorization": f"Bearer {chat.token}"})
    rows = response.json()["messages"]
    assert [row["from"] for row in rows] == ["bot", "patient", "bot"]
    later = await chat.client.get(f"/api/messages?after={rows[-2]['id']}",
                                  headers={"Authorization": f"Bearer {chat.token}"})
    assert [row["id"] for row in later.json()["messages"]] == [rows[-1]["id"]]


async def test_erasing_leaves_no_word_unless_safety_asks_for_it(chat: Chat, gateway: Gateway) -> None:
    from bot.records.models import Message

    await chat.send(text="my cat is called Whiskerino")
    response = await chat.client.delete("/api/conversations", headers={"Authorization": f"Bearer {chat.token}"})
    assert response.json()["kept"] is False
    assert not await gateway.in_thread(Message.objects.filter(text__contains="Whiskerino").exists)
    await chat.send(401, text="hello again")

    other = Chat()
    await other.open()
    await other.send(text="I want to kill myself")
    response = await other.client.delete("/api/conversations", headers={"Authorization": f"Bearer {other.token}"})
    assert response.json()["kept"] is True and "keep" in response.json()["message"]
    assert await gateway.in_thread(Message.objects.filter(text="I want to kill myself").exists)


async def test_no_cookie_is_ever_set(chat: Chat) -> None:
    await chat.send(text="hello")
    assert not chat.client.cookies
