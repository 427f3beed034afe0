"""The web process dies while it answers a text: the text is answered all the same, once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psutil
import pytest
import requests

from tests.tools import Service, wait_for

pytestmark = pytest.mark.slow
PHONE = "+12125550142"


def on_phone(service: Service) -> list[str]:
    answer = requests.post(f"{service.standin}/phone/texts", json={"phone": PHONE}, timeout=10).json()
    return [text["body"] for text in answer["texts"] if not text["mine"]]


def test_a_text_that_the_web_process_died_over(trained: None, tmp_path: Path) -> None:
    with Service(tmp_path) as service:
        rasa = psutil.Process(service.pid("bot.dialogue.serve"))
        rasa.suspend()  # so that the answer takes long enough to die over
        texting = threading.Thread(target=requests.post, args=(f"{service.standin}/phone/text",),
                                   kwargs={"json": {"from": PHONE, "text": "what does it cost"}, "timeout": 60})
        texting.start()
        time.sleep(1.5)
        service.kill("uvicorn")
        rasa.resume()
        texting.join(60)
        assert on_phone(service) == []
        wait_for(lambda: len(on_phone(service)) >= 2, 90)  # the notice and the answer
        time.sleep(3)
        replies = on_phone(service)
    assert len(replies) == 2 and "automated" in replies[0] and "988" in replies[0]


def test_nobody_else_may_ask_for_that(live_gateway: str) -> None:
    for headers in ({}, {"X-Internal-Token": "guess"}):
        assert requests.post(f"{live_gateway}/sms/resume", json={"message": 1}, headers=headers, timeout=10).status_code == 404


def test_what_no_call_of_twilio_looks_like_is_refused(live_gateway: str) -> None:
    odd = [b"", b"\xff\xfe", b"Body=%ff%00", b"&".join(b"a%d=" % number for number in range(1001)), b"Body=" + b"x" * 200_000]
    for body in odd:
        for headers in ({}, {"X-Twilio-Signature": "bm8="}, {"X-Twilio-Signature": "bm8=", "Content-Type": "application/json"}):
            assert requests.post(f"{live_gateway}/sms/inbound", data=body, headers=headers, timeout=10).status_code == 403
            assert requests.post(f"{live_gateway}/sms/status?row=1", data=iter([body]), headers=headers, timeout=10).status_code == 403
    assert requests.get(f"{live_gateway}/sms/inbound", timeout=10).status_code == 403
