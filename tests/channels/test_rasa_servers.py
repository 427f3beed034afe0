"""Several Rasa servers: a conversation keeps to one, another stands in for one that is gone, none is asked twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from bot.channels.rasa import HttpRasa, RasaUnavailable, Turn
from tests.tools import free_ports


class Server:
    """A server with the gateway's address that notes whom it answered."""

    def __init__(self, port: int, seconds: float = 0.0) -> None:
        self.url, self._port, self.seconds, self.heard = f"http://127.0.0.1:{port}", port, seconds, list[str]()

    async def __aenter__(self) -> Server:
        app = web.Application()
        app.router.add_post("/webhooks/clinic/message", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        self.heard.append(body["sender"])
        await asyncio.sleep(self.seconds)
        return web.json_response({"messages": [{"text": self.url}]})


def turn(sender: str) -> Turn:
    return Turn(sender, "hello")


async def test_a_conversation_keeps_to_its_server_and_conversations_are_spread() -> None:
    one, two = free_ports(2)
    async with Server(one) as first, Server(two) as second:
        rasa = HttpRasa([first.url, second.url], "token")
        for number in range(20):
            said = {(await rasa.ask(turn(f"CASE{number}"), 5))[0]["text"] for _ in range(2)}
            assert len(said) == 1
        assert first.heard
        assert second.heard
        await rasa.close()


async def test_another_one_answers_while_one_is_gone() -> None:
    here, gone = free_ports(2)
    async with Server(here) as server:
        rasa = HttpRasa([server.url, f"http://127.0.0.1:{gone}"], "token")
        for number in range(10):
            assert (await rasa.ask(turn(f"CASE{number}"), 5))[0]["text"] == server.url
        await rasa.close()


async def test_a_turn_that_one_has_taken_goes_to_no_other() -> None:
    one, two = free_ports(2)
    async with Server(one, 2.0) as first, Server(two, 2.0) as second:
        rasa = HttpRasa([first.url, second.url], "token")
        with pytest.raises(RasaUnavailable):
            await rasa.ask(turn("CASE1"), 0.3)
        assert len(first.heard + second.heard) == 1
        await rasa.close()


async def test_all_gone_is_said_at_once() -> None:
    ports = free_ports(2)
    rasa = HttpRasa([f"http://127.0.0.1:{port}" for port in ports], "token")
    with pytest.raises(RasaUnavailable):
        await asyncio.wait_for(rasa.ask(turn("CASE1"), 5), 2)
    await rasa.close()
