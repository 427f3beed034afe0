"""Calls to Rasa over kept connections: reused while they are good, and never mixed up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.channels.loopback import BadAnswer, Loopback, NobodyThere


class Server:
    """Answers each call with its own body, or as its text asks."""

    def __init__(self) -> None:
        self.connections, self.heads = 0, []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while not reader.at_eof():
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
            except asyncio.IncompleteReadError:
                break
            self.heads.append(head)
            length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("Content-Length"))
            body = await reader.readexactly(length)
            text = json.loads(body)["text"]
            if text == "slow":
                await asyncio.sleep(0.2)
            if text == "hang up":
                break
            status = b"500 Oh" if text == "fail" else b"200 OK"
            answer = {"nonsense": b"SMTP ready\r\n\r\n",
                      "no json": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"}.get(text)
            writer.write(answer or b"HTTP/1.1 %b\r\nconnection: keep-alive\r\ncontent-length: %d\r\n\r\n%b"
                         % (status, len(body), body))
        writer.close()


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Server, Loopback]]:
    server = Server()
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    caller = Loopback(f"http://127.0.0.1:{port}/webhooks/clinic/message", {"X-Internal-Token": "a-secret"})
    try:
        yield server, caller
    finally:
        await caller.close()
        listening.close()


async def test_one_connection_serves_one_call_after_another() -> None:
    async with served() as (server, caller):
        for text in ("hello", "ñandú 👍", "x" * 50_000):
            assert await caller.post({"text": text}) == {"text": text}
    assert server.connections == 1
    assert server.heads[0].startswith("POST /webhooks/clinic/message HTTP/1.1\r\n")
    assert "X-Internal-Token: a-secret" in server.heads[0]


async def test_calls_at_once_get_their_own_answers() -> None:
    async with served() as (_, caller):
        texts = [f"message {number}" for number in range(30)]
        answers = await asyncio.gather(*(caller.post({"text": text}) for text in texts))
    assert [answer["text"] for answer in answers] == texts


async def test_a_late_answer_is_never_read_as_that_of_the_next_call() -> None:
    async with served() as (_, caller):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(caller.post({"text": "slow"}), 0.05)
        assert await caller.post({"text": "next"}) == {"text": "next"}


async def test_a_connection_that_the_server_closed_is_not_used_again() -> None:
    async with served() as (server, caller):
        await caller.post({"text": "one"})
        with pytest.raises(EOFError):
            await caller.post({"text": "hang up"})
        assert await caller.post({"text": "two"}) == {"text": "two"}
    assert server.connections == 2


@pytest.mark.parametrize("text", ["fail", "nonsense", "no json"])
async def test_what_is_no_answer_is_said_to_be_none(text: str) -> None:
    async with served() as (_, caller):
        with pytest.raises(BadAnswer):
            await caller.post({"text": text})


async def test_nobody_there() -> None:
    async with served() as (_, caller):
        pass
    with pytest.raises(NobodyThere):
        await caller.post({"text": "hello"})
