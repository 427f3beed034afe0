"""Many calls from one place: pages of links are limited, and danger is answered all the same."""

from __future__ import annotations

import pytest
import requests

from tests.attacks.conftest import House
from tests.tools import Patient

pytestmark = pytest.mark.slow


def test_danger_is_answered_however_fast_it_comes(house: House) -> None:
    patient = Patient(house.service.base)
    for number in range(40):
        assert patient.say(f"I want to kill myself {number}")[0]["kind"] == "crisis"


def test_links_cannot_be_tried_out(house: House) -> None:
    with requests.Session() as line:
        line.headers.update({"X-Forwarded-For": "198.51.100.78"})
        codes = [line.get(f"{house.service.base}/v/{number}:made-up", timeout=20).status_code for number in range(70)]
    assert set(codes) == {404, 429} and codes.count(404) == 60
