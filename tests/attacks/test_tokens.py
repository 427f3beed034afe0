"""A chat's token is good for that chat, made here, and not for ever."""

from __future__ import annotations

import base64
import json
import time
from contextlib import closing
from typing import Any

import pytest
import requests
from django.core import signing

from bot.channels import tokens
from tests.attacks.conftest import House
from tests.tools import Patient

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def victim(house: House) -> Patient:
    """Return someone who has said something."""
    patient = Patient(house.service.base)
    patient.say("my name is Zebulonia")
    return patient


def number_of(token: str) -> int:
    """Return the conversation's number, which a token does not hide."""
    payload = token.partition(":")[0]
    return int(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def forged(token: str) -> list[str]:
    """Return tokens for the same conversation, as a stranger would make them."""
    number, (payload, stamp, signature) = number_of(token), token.split(":")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return [
        signing.dumps(number, key="guess", salt=tokens.SALT), signing.dumps(number, key="", salt=tokens.SALT),
        f"{payload}:{stamp}:", f"{payload}:{stamp}:{'A' * len(signature)}", f"{payload}::{signature}", f"{payload}:{signature}",
        f"{payload}:{stamp}:{signature[:-1]}", f"{payload}:{stamp}:{signature}x", f"{none}.{payload}.", str(number),
        f"{signing.b62_encode(number)}:{stamp}:{signature}", payload, f".{payload}:{stamp}:{signature}",
        f"{payload}:{signing.b62_encode(int(time.time()) + 10**6)}:{signature}", "null", "undefined", "[object Object]", "%00", "a" * 5000]


def calls(base: str, token: str) -> dict[str, requests.Response]:
    """Return what each call with this token is answered."""
    headers = {"Authorization": f"Bearer {token}"}
    return {
        "read": requests.get(f"{base}/api/messages?after=0", headers=headers, timeout=10),
        "write": requests.post(f"{base}/api/messages", json={"client_id": "abcdefgh", "text": "hi"}, headers=headers, timeout=10),
        "listen": requests.get(f"{base}/api/events", headers=headers, timeout=10, stream=True),
        "erase": requests.delete(f"{base}/api/conversations", headers=headers, timeout=10)}


def test_forged_tokens_open_nothing(house: House, victim: Patient) -> None:
    for token in forged(victim.token):
        for name, answer in calls(house.service.base, token).items():
            with closing(answer):
                assert answer.status_code == 401 and "Zebulonia" not in answer.text, (token, name)
    assert [row["text"] for row in victim.history() if row["from"] == "patient"] == ["my name is Zebulonia"]


def test_another_chats_token_opens_that_chat_alone(house: House, victim: Patient) -> None:
    other = Patient(house.service.base)
    base, headers = house.service.base, {"Authorization": f"Bearer {other.token}"}
    number = number_of(victim.token)
    for path in (f"/api/messages?after=0&conversation={number}", f"/api/messages?after=0&token={victim.token}"):
        assert "Zebulonia" not in requests.get(base + path, headers=headers, timeout=10).text
    body: dict[str, Any] = {"client_id": "abcdefgh", "text": "hi", "conversation": number, "conversation_id": number, "sender": "x"}
    assert requests.post(f"{base}/api/messages", json=body, headers=headers, timeout=10).status_code == 200
    mine = [row["text"] for row in victim.history() if row["from"] == "patient"]
    assert mine == ["my name is Zebulonia"]
    # The same client id in another chat is another message, and shows nothing of the first.
    first = victim.history()[1]
    answer = requests.post(f"{base}/api/messages", headers=headers, timeout=10,
                           json={"client_id": first["client_id"], "text": "what did I say"})
    assert "Zebulonia" not in answer.text


def test_a_buttons_id_is_good_in_its_own_chat_only(house: House) -> None:
    asked, other = Patient(house.service.base), Patient(house.service.base)
    choice = asked.say("what are the side effects?")[0]["choices"][0]["id"]
    answer = requests.post(f"{house.service.base}/api/messages", json={"client_id": "abcdefgh", "choice": choice},
                           headers={"Authorization": f"Bearer {other.token}"}, timeout=10)
    assert answer.status_code == 404


def test_a_token_ends_with_its_chat_and_with_time(house: House, victim: Patient) -> None:
    ended = Patient(house.service.base)
    assert calls(house.service.base, ended.token)["erase"].status_code == 200
    for name, answer in calls(house.service.base, ended.token).items():
        with closing(answer):
            assert answer.status_code == 401, name
    key = house.database.with_name("secret_key").read_text()

    class Earlier(signing.TimestampSigner):
        def timestamp(self) -> str:
            return signing.b62_encode(int(time.time() - tokens.MAX_AGE.total_seconds() - 5))

    old = Earlier(key=key, salt=tokens.SALT).sign_object(number_of(victim.token))
    fresh = signing.dumps(number_of(victim.token), key=key, salt=tokens.SALT)
    answers = [requests.get(f"{house.service.base}/api/messages?after=0", headers={"Authorization": f"Bearer {token}"}, timeout=10)
               for token in (old, fresh)]
    assert [answer.status_code for answer in answers] == [401, 200]


@pytest.mark.parametrize("salt", ["visit", "waiting", "django.core.signing", "feeds", "sessions"])
def test_another_kind_of_signature_is_no_token(house: House, victim: Patient, salt: str) -> None:
    key = house.database.with_name("secret_key").read_text()
    token = signing.dumps(number_of(victim.token), key=key, salt=salt)
    assert calls(house.service.base, token)["read"].status_code == 401


def test_forged_twilio_calls_are_refused(house: House) -> None:
    form = {"MessageSid": "SM" + "a" * 32, "From": "+12125550142", "Body": "hi", "NumMedia": "0"}
    for path in ("/sms/inbound", "/sms/status?row=1"):
        for signature in (None, "", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "é"):
            headers = {} if signature is None else {"X-Twilio-Signature": signature.encode()}
            assert requests.post(house.service.base + path, data=form, headers=headers, timeout=10).status_code == 403
