"""Calls as Twilio makes them, signed over the raw body."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

from django.test import AsyncClient
from twilio.request_validator import RequestValidator

from bot.settings import get_settings

PHONE = "+15550100177"
FORM = "application/x-www-form-urlencoded"


async def post(path: str, body: str, signature: str | None = None, signed_as: str | None = None,
               **headers: str) -> tuple[int, str]:
    """Post a raw body and return status and answer; `signed_as` is the body or address that the signature is for."""
    env = get_settings().env
    fields = dict(parse_qsl(body, keep_blank_values=True))
    good = RequestValidator(env.twilio_auth_token).compute_signature(signed_as or env.public_url + path, fields)
    response = await AsyncClient().post(
        path, body, FORM, headers={"X-Twilio-Signature": good if signature is None else signature, **headers})
    return response.status_code, response.content.decode()


async def text(body: str, sid: str | None = None, phone: str = PHONE, **fields: str) -> list[str]:
    """Send a text and return the texts that come back."""
    form = {"MessageSid": sid or "SM" + secrets.token_hex(16), "From": phone, "To": "+15550100134", "Body": body,
            "NumMedia": "0", "FromCity": "", "FromState": "", **fields}
    status, answer = await post("/sms/inbound", urlencode(form))
    assert status == 200, status
    return replies_in(answer)


async def report(row: int, sid: str, word: str, code: int | None = None) -> int:
    """Send a status callback and return the answer's status."""
    form = {"MessageSid": sid, "MessageStatus": word, **({"ErrorCode": str(code)} if code else {})}
    return (await post(f"/sms/status?row={row}", urlencode(form)))[0]


def replies_in(answer: str) -> list[str]:
    """Return the texts of a TwiML answer."""
    return [node.text or "" for node in ElementTree.fromstring(answer).iter("Message")]
