"""What is Twilio's is taken, once; what is not is refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import yaml
from django.db import OperationalError, connection
from django.utils import timezone
from twilio.request_validator import RequestValidator

from bot.channels import metrics
from bot.channels.gateway import Gateway
from bot.channels.sms import answering, webhooks
from bot.records import store
from bot.records.models import Alert, Conversation, Message, Outbox, PhoneConsent
from bot.settings import get_settings
from tests.channels.conftest import Scripted
from tests.channels.sms.twilio import PHONE, post, replies_in, report, text

PAYLOADS: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "payloads.yml").read_text())
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize("name", PAYLOADS)
async def test_recorded_calls(scripted: Scripted, real_gateway: Gateway, name: str) -> None:
    case = PAYLOADS[name]
    status, answer = await post("/sms/inbound", case["body"])
    replies = replies_in(answer)
    assert status == 200 and replies
    if "says" in case:
        assert case["says"] in replies[0] and "911" in replies[0] and "988" in replies[0]
    messages = await real_gateway.in_thread(lambda: list(Message.objects.filter(sender="patient")))
    assert [message.text for message in messages] == ([case["text"]] if "text" in case else [])
    # The same call again: the same reply, nothing done twice.
    assert (await post("/sms/inbound", case["body"]))[1] == answer
    assert await real_gateway.in_thread(Message.objects.filter(sender="patient").count) == len(messages)


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize("change", [
    lambda body: body + "&Extra=1", lambda body: body.replace("&ToCity=", ""), lambda body: body.replace("hi", "hj", 1),
    lambda body: body.replace("%2B1", "%2B2", 1)])
async def test_a_body_that_is_not_the_signed_one_is_refused(scripted: Scripted, name: str, change: Any) -> None:
    body = PAYLOADS[name]["body"]
    changed = change(body)
    if changed == body:
        return
    env = get_settings().env
    good = RequestValidator(env.twilio_auth_token).compute_signature(
        env.public_url + "/sms/inbound", dict(parse_qsl(body, keep_blank_values=True)))
    refused = metrics.REFUSED.labels("sms", "signature")._value.get()
    assert (await post("/sms/inbound", changed, signature=good))[0] == 403
    assert metrics.REFUSED.labels("sms", "signature")._value.get() == refused + 1


async def test_behind_a_proxy_the_public_address_counts(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = get_settings()
    public = replace(settings, env=replace(settings.env, public_url="https://chat.clinic.example/assistant"))
    monkeypatch.setattr(webhooks, "get_settings", lambda: public)
    body = PAYLOADS["plain_text"]["body"]
    signed_as = "https://chat.clinic.example/assistant/sms/inbound"
    headers = {"X-Forwarded-Host": "evil.example", "Host": "127.0.0.1"}
    assert (await post("/sms/inbound", body, signed_as=signed_as, **headers))[0] == 200
    for wrong in ("https://evil.example/sms/inbound", "http://127.0.0.1:8000/sms/inbound"):
        assert (await post("/sms/inbound", body, signed_as=wrong, **headers))[0] == 403


async def test_status_reports_are_signed_too(scripted: Scripted) -> None:
    assert (await post("/sms/status?row=1", "MessageSid=SM1&MessageStatus=delivered", signature="bm8="))[0] == 403
    assert await report(999, "SM1", "delivered") == 204


async def test_two_of_the_same_at_once_are_one(scripted: Scripted, real_gateway: Gateway) -> None:
    for number, body in enumerate(("how much is it?", "HELP", "STOP", "stop texting me", "more")):
        phone = f"+1212555{1000 + number}"
        answers = await asyncio.gather(*(text(body, sid=f"SM{phone[1:]}", phone=phone) for _ in range(4)))
        assert all(answer == answers[0] and answer for answer in answers), body
        conversation = await real_gateway.in_thread(lambda phone=phone: Conversation.objects.get(phone=phone))
        assert await real_gateway.in_thread(conversation.messages.filter(sender="patient").count) == 1
        assert await real_gateway.in_thread(
            PhoneConsent.objects.filter(phone=phone, consents=False).count) == (1 if "top" in body.lower() else 0)


async def test_two_first_texts_at_once_share_a_conversation(scripted: Scripted, real_gateway: Gateway) -> None:
    await asyncio.gather(*(text(body) for body in ("hello", "how much is it", "are you open")))
    assert await real_gateway.in_thread(Conversation.objects.filter(phone=PHONE).count) == 1


async def test_what_takes_too_long_comes_by_the_outbox(
        scripted: Scripted, real_gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "ANSWER_IN", 1.5)
    answer = asyncio.get_running_loop().create_future()

    async def slow(turn: Any, timeout: float) -> Any:
        return await answer

    monkeypatch.setattr(scripted, "ask", slow)
    assert await text("how much is it?") == []
    assert not await real_gateway.in_thread(Outbox.objects.exists)
    answer.set_result([{"text": "It costs what it costs.", "kind": "clinic"}])
    await asyncio.gather(*answering._late)
    rows = await real_gateway.in_thread(lambda: list(Outbox.objects.order_by("id")))
    assert rows[-1].body == "It costs what it costs." and rows[-1].to == PHONE
    assert all(row.state == "queued" and not row.unsure for row in rows)
    assert all(row.not_before <= timezone.now() for row in rows)


async def test_a_reply_that_was_handed_over_waits_to_be_looked_for(scripted: Scripted, real_gateway: Gateway) -> None:
    await text("how much is it?")
    rows = await real_gateway.in_thread(lambda: list(Outbox.objects.all()))
    assert rows and all(row.unsure and row.not_before > timezone.now() for row in rows)
    await report(rows[0].pk, "SMabc", "sent")
    await real_gateway.in_thread(rows[0].refresh_from_db)
    assert (rows[0].state, rows[0].unsure, rows[0].provider_id) == ("sent", False, "SMabc")


async def test_without_the_records_danger_is_still_answered(
        scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(phone: str) -> Any:
        raise OperationalError("down")

    monkeypatch.setattr(store, "conversation_of_phone", down)
    crisis = await text("I am going to kill myself tonight")
    assert "911" in crisis[0] and "988" in crisis[0]
    plain = await text("how much is it?")
    assert get_settings().clinic.phone in plain[0]


async def test_no_number_is_told_to_rasa_or_kept_plain(scripted: Scripted, real_gateway: Gateway) -> None:
    await text("how much is it?")
    assert scripted.turns and PHONE[2:] not in repr(scripted.turns)

    def raw() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT phone FROM records_conversation")
            kept = repr(cursor.fetchall())
            cursor.execute('SELECT "to", key FROM records_outbox')
            kept += repr(cursor.fetchall())
            cursor.execute("SELECT phone FROM records_phoneconsent")
            return kept + repr(cursor.fetchall())

    kept = await real_gateway.in_thread(raw)
    assert kept.count("e1:") >= 3 and PHONE[2:] not in kept
    found = await real_gateway.in_thread(lambda: Conversation.objects.get(phone=PHONE))
    assert found.phone == PHONE


async def test_danger_over_another_app_is_answered_and_alerts(scripted: Scripted, real_gateway: Gateway) -> None:
    replies = await text("I am going to kill myself tonight", phone=f"whatsapp:{PHONE}")
    assert "911" in replies[0] and "plain text messages" not in replies[0]
    alert = await real_gateway.in_thread(lambda: Alert.objects.select_related("conversation").get())
    assert (alert.priority, alert.conversation.phone) == ("P1", PHONE)


async def test_a_crisis_over_another_app_goes_on_there(scripted: Scripted, real_gateway: Gateway) -> None:
    await text("i don't see a way forward anymore", phone=f"whatsapp:{PHONE}")
    await real_gateway.in_thread(lambda: Conversation.objects.update(question_open=True))
    replies = await text("yes", phone=f"whatsapp:{PHONE}")
    assert "988" in replies[0] and "plain text messages" not in replies[0]
    assert await real_gateway.in_thread(lambda: Conversation.objects.get().tier) in ("crisis", "emergency")


@pytest.mark.parametrize("sender", ["messenger:2212345", "client:sam", "BRAND", "anonymous", ""])
async def test_danger_from_whom_no_text_can_reach_is_answered_and_alerts(
        scripted: Scripted, real_gateway: Gateway, sender: str) -> None:
    replies = await text("I am going to kill myself tonight", phone=sender)
    assert "911" in replies[0] and "plain text messages" not in replies[0]
    assert await real_gateway.in_thread(Alert.objects.filter(priority="P1").count) == 1
    assert "plain text messages" in (await text("how much is it?", phone=f"{sender}x"))[0]


@pytest.mark.parametrize("body", [
    "&".join(f"a{number}=" for number in range(1001)), "Body=" + "x" * 70_000, "Body=%ff%00", "\xff\xfe", ""])
async def test_what_no_call_of_twilio_looks_like_is_refused_and_counted(scripted: Scripted, body: str) -> None:
    refused = metrics.REFUSED.labels("sms", "signature")._value.get()
    assert (await post("/sms/inbound", body, signature="bm8="))[0] == 403
    assert (await post("/sms/status?row=1", body, signature="bm8="))[0] == 403
    assert metrics.REFUSED.labels("sms", "signature")._value.get() == refused + 2


async def test_a_picture_with_words_gets_an_answer_and_a_word_about_the_picture(
        scripted: Scripted, real_gateway: Gateway) -> None:
    replies = await text("is this bruise normal?", sid="SMpic", NumMedia="1")
    assert "could not see your picture" in replies[-1] and len(replies) > 1
    assert await text("is this bruise normal?", sid="SMpic", NumMedia="1") == replies
    alarming = await text("i took all my pills", NumMedia="1")
    assert len(alarming) == 1 and "911" in alarming[0]
