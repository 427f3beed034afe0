"""The stand-in answers Twilio's own client library as Twilio does."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bot.records.carrier import STANDIN_ACCOUNT
from bot.standin.network import DEFAULT_REPLIES, Account, Network
from tests.standin.running import standin
from tests.tools import ROOT, free_ports

TOKEN, NUMBER, PHONE = "a" * 32, "+15550100134", "+12125550142"


@pytest.fixture
def running() -> Iterator[tuple[Network, int]]:
    with standin(TOKEN, NUMBER) as running:
        yield running


def client(port: int, token: str = TOKEN) -> Client:
    made = Client(STANDIN_ACCOUNT, token, http_client=TwilioHttpClient(timeout=5))
    made.api.base_url = f"http://127.0.0.1:{port}"
    return made


def test_a_text_is_taken_listed_and_fetched(running: tuple[Network, int]) -> None:
    twilio = client(running[1])
    sent = twilio.messages.create(to=PHONE, from_=NUMBER, body="Hello – “you”")
    assert sent.sid.startswith("SM") and sent.status == "queued" and sent.direction == "outbound-api"
    assert sent.num_segments == "1" and sent.error_code is None and sent.date_created is not None
    for _ in range(50):
        if twilio.messages(sent.sid).fetch().status == "delivered":
            break
        time.sleep(0.02)
    found = twilio.messages.list(to=PHONE)
    assert [(text.sid, text.status, text.body) for text in found] == [(sent.sid, "delivered", "Hello – “you”")]
    assert twilio.messages.list(to="+12125550199") == []


def test_a_long_list_comes_page_by_page(running: tuple[Network, int]) -> None:
    twilio = client(running[1])
    sids = [twilio.messages.create(to=PHONE, from_=NUMBER, body=f"{number}").sid for number in range(7)]
    assert [text.sid for text in twilio.messages.list(to=PHONE, page_size=3)] == sids[::-1]
    first = twilio.messages.page(to=PHONE, page_size=3)
    assert [text.body for text in first] == ["6", "5", "4"]
    assert [text.body for text in first.next_page() or []] == ["3", "2", "1"]


@pytest.mark.parametrize("fields, status, code", [
    ({"to": "+15005550001"}, 400, 21211), ({"to": "12"}, 400, 21211), ({"to": "+15005550003"}, 400, 21408),
    ({"to": "+15005550004"}, 400, 21610), ({"to": "+15005550009"}, 400, 21614), ({"from_": "+15550109999"}, 400, 21606),
    ({"body": "x" * 1601}, 400, 21617), ({"body": ""}, 400, 21602), ({"from_": ""}, 400, 21603), ({"to": ""}, 400, 21604)])
def test_refusals(running: tuple[Network, int], fields: dict[str, str], status: int, code: int) -> None:
    with pytest.raises(TwilioRestException) as caught:
        client(running[1]).messages.create(**{"to": PHONE, "from_": NUMBER, "body": "x", **fields})
    assert (caught.value.status, caught.value.code) == (status, code)
    assert not running[0].texts.by_sid


def test_a_wrong_password_is_refused(running: tuple[Network, int]) -> None:
    with pytest.raises(TwilioRestException) as caught:
        client(running[1], "b" * 32).messages.create(to=PHONE, from_=NUMBER, body="x")
    assert (caught.value.status, caught.value.code) == (401, 20003)


class Webhook:
    """A webhook that keeps what it gets, after checking the signature, and says what it is told to."""

    def __init__(self, answer: str = "<Response/>") -> None:
        self.got: list[dict[str, str]] = []
        self.answer, self.status = answer, 200
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}/sms/inbound"

    async def __aenter__(self) -> Webhook:
        app = web.Application()
        app.router.add_post("/{path:.*}", self.take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(self, *args: object) -> None:
        await self._runner.cleanup()

    async def take(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        assert RequestValidator(TOKEN).validate(str(request.url), form, request.headers["X-Twilio-Signature"])
        self.got.append(form)
        return web.Response(text=self.answer, content_type="text/xml", status=self.status)


async def brought(webhook: Webhook, *bodies: str, advanced: dict[str, str] | None = None, **account: Any) -> Network:
    network = Network(Account(STANDIN_ACCOUNT, TOKEN, NUMBER, webhook.url, advanced=advanced or {}, **account), delay=0)
    for body in bodies:
        await network.text_in(PHONE, body)
    await asyncio.sleep(0.1)
    await network.close()
    return network


def on_phone(network: Network) -> list[str]:
    return [text.body for text in network.texts.of_phone(PHONE) if text.direction != "inbound"]


async def test_a_text_comes_in_signed_and_the_answer_goes_out_with_callbacks() -> None:
    async with Webhook() as webhook:
        webhook.answer = (f'<Response><Message statusCallback="http://127.0.0.1:{webhook.port}/sms/status?row=7">Hi'
                          "</Message></Response>")
        network = await brought(webhook, "hello")
    assert webhook.got[0]["Body"] == "hello" and webhook.got[0]["FromCity"] == ""
    assert [form["MessageStatus"] for form in webhook.got[1:]] == ["sent", "delivered"]
    assert on_phone(network) == ["Hi"]


async def test_by_default_stop_blocks_and_is_answered_by_twilio() -> None:
    async with Webhook('<Response><Message>ours</Message></Response>') as webhook:
        network = await brought(webhook, "Stop", "hello", "START", "hello")
    assert on_phone(network) == [DEFAULT_REPLIES["STOP"], DEFAULT_REPLIES["START"], "ours", "ours"]
    assert [form.get("OptOutType") for form in webhook.got] == [None] * 4


async def test_with_advanced_opt_out_the_webhook_is_told() -> None:
    async with Webhook() as webhook:
        network = await brought(webhook, "alto", "ayuda", "yes", advanced={"STOP": "Bye", "HELP": "Help", "START": "Hi"})
    assert [form.get("OptOutType") for form in webhook.got] == ["STOP", "HELP", "START"]
    assert on_phone(network) == ["Bye", "Hi"]  # nothing reaches a phone that opted out, not even HELP


async def test_a_webhook_that_fails_is_replaced_by_the_fallback() -> None:
    async with Webhook() as webhook, Webhook("<Response><Message>Call 911</Message></Response>") as fallback:
        webhook.status = 500
        network = await brought(webhook, "hello", fallback_url=fallback.url)
    assert on_phone(network) == ["Call 911"] and network.problems == ["11200 status 500"]


async def test_a_call_that_finds_no_connection_is_tried_once_more() -> None:
    async with Webhook() as webhook:
        network = Network(Account(STANDIN_ACCOUNT, TOKEN, NUMBER, webhook.url), delay=0)
        await network.text_in(PHONE, "one")
        for transports in list(network._session.connector._conns.values()):  # type: ignore[union-attr]
            for each in transports:
                each[0].transport.abort()  # the server has hung up, and the client does not know yet
        assert await network.text_in(PHONE, "two") == 200
        await network.close()
        assert [form["Body"] for form in webhook.got] == ["one", "two"] and not network.problems


async def test_nobody_there_is_a_problem_and_no_answer() -> None:
    network = Network(Account(STANDIN_ACCOUNT, TOKEN, NUMBER, f"http://127.0.0.1:{free_ports(1)[0]}/sms/inbound"), delay=0)
    assert await network.text_in(PHONE, "one") == 0
    await network.close()
    assert network.problems == ["11200 ClientConnectorError"]


async def test_undelivered_numbers_report_their_error() -> None:
    async with Webhook() as webhook:
        network = Network(Account(STANDIN_ACCOUNT, TOKEN, NUMBER, webhook.url), delay=0)
        from bot.standin.texts import Text

        network.send(Text(STANDIN_ACCOUNT, NUMBER, "+15005553006", "x", "outbound-api", "queued", webhook.url))
        await asyncio.sleep(0.1)
        await network.close()
    assert (webhook.got[-1]["MessageStatus"], webhook.got[-1]["ErrorCode"]) == ("undelivered", "30006")


@pytest.mark.parametrize("environment", [
    {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x", "TWILIO_NUMBER": "+15550100134"},
    {"PUBLIC_URL": "https://chat.clinic.example"}])
def test_it_is_never_used_with_an_account_or_in_public(tmp_path: Path, environment: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-m", "bot.standin"], cwd=ROOT, capture_output=True, text=True, timeout=30,
                          env={**os.environ, "BOT_VAR": str(tmp_path), **environment})
    assert done.returncode == 1 and "never used" in done.stderr


def test_the_process_answers(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    process = subprocess.Popen([sys.executable, "-m", "bot.standin"], cwd=ROOT,
                               env={**os.environ, "BOT_VAR": str(tmp_path), "STANDIN_PORT": str(port)})
    try:
        for _ in range(100):
            try:
                assert requests.get(f"http://127.0.0.1:{port}/ready", timeout=2).json() == {"status": "ready"}
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        else:
            pytest.fail("it did not start")
    finally:
        process.terminate()
        process.wait(10)
