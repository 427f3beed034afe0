"""Many calls from one place: opening chats and pages of links is limited, and danger is answered all the same."""

from __future__ import annotations

import pytest
import requests

from tests.attacks.conftest import House
from tests.tools import Patient

pytestmark = pytest.mark.slow
FLOODER = {"X-Forwarded-For": "198.51.100.77"}  # as the proxy would say it; straight to the gateway, which trusts loopback


def test_opening_chats_is_limited_and_danger_is_not(house: House) -> None:
    with requests.Session() as line:
        line.headers.update(FLOODER)
        codes = [line.post(f"{house.service.base}/api/conversations", json={}, timeout=20).status_code for _ in range(130)]
    assert codes.count(201) == 120 and codes[-1] == 429
    patient = Patient(house.service.base)  # from elsewhere
    for number in range(40):  # and a chat that is open is never refused, however fast it writes
        reply = patient.say(f"I want to kill myself {number}")
        assert reply[0]["kind"] == "crisis"


def test_links_cannot_be_tried_out(house: House) -> None:
    with requests.Session() as line:
        line.headers.update({"X-Forwarded-For": "198.51.100.78"})
        codes = [line.get(f"{house.service.base}/v/{number}:made-up", timeout=20).status_code for number in range(70)]
    assert set(codes) == {404, 429} and codes.count(404) == 60
