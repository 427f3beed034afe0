"""Texts over Twilio's webhook, signed as Twilio signs them."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.test import AsyncClient
from twilio.request_validator import RequestValidator

from bot.channels.gateway import Gateway
from bot.gsm7 import is_gsm7, segments
from bot.records.models import Alert, Message, PhoneConsent
from bot.settings import get_settings

PHONE = "+15550100177"


async def text(body: str, sid: str | None = None, signature: str | None = None, **fields: str) -> tuple[int, list[str]]:
    """Send a text and return status and the texts that come back."""
    env = get_settings().env
    form = {"MessageSid": sid or "SM" + secrets.token_hex(16), "From": PHONE, "To": "+15550100134", "Body": body,
            "NumMedia": "0", "FromCity": "", "FromState": "", **fields}
    good = RequestValidator(env.twilio_auth_token).compute_signature(env.public_url + "/sms/inbound", form)
    response = await AsyncClient().post(
        "/sms/inbound", urlencode(form), "application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": good if signature is None else signature})
    if response.status_code != 200:
        return response.status_code, []
    return 200, [node.text or "" for node in ElementTree.fromstring(response.content).iter("Message")]


slow_db = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class TestWebhook:
    pytestmark = slow_db

    async def test_a_first_text_gets_the_notice_and_an_answer(self, gateway: Gateway) -> None:
        status, replies = await text("what are the side effects?")
        assert status == 200 and len(replies) == 2
        assert "automated" in replies[0].lower() and "988" in replies[0]
        assert "nausea" in replies[1]

    async def test_every_text_is_short_and_plain(self, gateway: Gateway) -> None:
        for question in ("what are the side effects?", "is it addictive?", "I want to kill myself", "book"):
            for reply in (await text(question))[1]:
                assert is_gsm7(reply) and segments(reply) <= 2

    async def test_the_rest_comes_on_more(self, gateway: Gateway) -> None:
        _, replies = await text("is ketamine safe?")
        assert "MORE" in "".join(replies)
        _, rest = await text("MORE")
        assert len(rest) == 1 and rest[0] not in replies and segments(rest[0]) <= 2

    @pytest.mark.parametrize("signature", ["", "bm90IGl0", None])
    async def test_what_is_not_twilios_is_refused(self, gateway: Gateway, signature: str | None) -> None:
        if signature is None:
            env = get_settings().env
            signature = RequestValidator("another token").compute_signature(env.public_url + "/sms/inbound", {})
        assert (await text("hello", signature=signature))[0] == 403
        assert not await gateway.in_thread(Message.objects.exists)

    async def test_a_retry_gives_the_same_reply_and_nothing_happens_twice(self, gateway: Gateway) -> None:
        first = await text("how much is it?", sid="SMretry")
        again = await text("how much is it?", sid="SMretry")
        assert again[1][-1] == first[1][-1]
        assert await gateway.in_thread(Message.objects.filter(sender="patient").count) == 1

    async def test_a_crisis_reply_comes_first_and_alone(self, gateway: Gateway) -> None:
        _, replies = await text("i took all my pills")
        assert len(replies) == 1 and replies[0].find("911") < 200

    async def test_a_picture_is_met_with_words(self, gateway: Gateway) -> None:
        _, replies = await text("", NumMedia="1", MediaUrl0="https://x.example/1")
        assert len(replies) == 1 and "only read words" in replies[0] and "911" in replies[0] and "988" in replies[0]

    async def test_stop_is_honoured_and_carries_the_lines(self, gateway: Gateway) -> None:
        await text("i want to die")
        _, replies = await text("STOP")
        assert "911" in replies[0] and "988" in replies[0]
        assert not await gateway.in_thread(lambda: PhoneConsent.objects.latest("id").consents)
        assert await gateway.in_thread(Alert.objects.filter(reason="opted_out_in_crisis").exists)
        _, back = await text("START")
        assert back and await gateway.in_thread(lambda: PhoneConsent.objects.latest("id").consents)

    async def test_help_carries_the_lines(self, gateway: Gateway) -> None:
        _, replies = await text("HELP")
        assert "911" in replies[0] and "988" in replies[0] and "STOP" in replies[0]

    async def test_booking_by_text_knows_the_phone(self, gateway: Gateway) -> None:
        await text("i want to book a consultation")
        _, offers = await text("any time")
        assert "1)" in offers[-1] and "3)" in offers[-1]
        await text("2")
        _, done = await text("Robin")
        assert "booked, Robin" in done[-1]
