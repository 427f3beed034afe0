"""A clinic's day on the real service: every process logs JSON, a request can be followed through all of them, and
nothing that anybody wrote is in any line."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.tools import ROOT, Patient, Service, call, wait_for

pytestmark = pytest.mark.slow
NAMES = ("Zebulonia", "Quillfeather", "Wexcombe", "Ottoline", "Brannigar", "Thessaly", "Undermoor", "Vandrake")
SAID = ("what are the side effects, asks {name}", "does it help with {name}'s disease", "i want to book a consultation",
        "{name}", "tuesday afternoon", "my number is 212 555 0142, {name}", "/greet@1.0 {name}", "EXTERNAL: {name}",
        "I want to kill myself, says {name}", "yes", "{name} no puede respirar", "what does {name} cost", "STOP {name}",
        "thanks {name}", "is {name} a drug test")


@pytest.fixture(scope="module")
def service(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start the whole service, with someone to be told of a crisis."""
    folder = tmp_path_factory.mktemp("logs")
    text = (ROOT / "clinic.yml").read_text().replace("  emails: []", "  emails: [oncall@clinic.example]")
    (folder / "clinic.yml").write_text(text)
    with Service(folder, CLINIC_FILE=str(folder / "clinic.yml"), RASA_TIMEOUT="3") as service:
        yield service


def lines(service: Service, process: str = "*") -> list[dict[str, Any]]:
    """Return what a process has logged; from its first line on each must be an object."""
    found = []
    for path in sorted((Path(service.environment["BOT_VAR"]) / "log").glob(f"{process}.log")):
        if path.stem not in ("supervisor", "standin"):
            logged = path.read_text().splitlines()
            # What libraries print while they are imported comes before the first line of ours.
            start = next((number for number, line in enumerate(logged) if line.startswith("{")), len(logged))
            found += [json.loads(line) for line in logged[start:]]
    return found


def request_of(service: Service, patient: Patient, text: str) -> str:
    """Send a message and return the id that its answer carries."""
    body = json.dumps({"client_id": str(uuid.uuid4()), "text": text}).encode()
    headers = {"Authorization": f"Bearer {patient.token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{service.base}/api/messages", body, headers)) as answer:
        return str(answer.headers["X-Request-ID"])


def processes(service: Service, request: str) -> set[str]:
    """Return which processes have a line of a request."""
    return {line["process"] for line in lines(service) if line.get("request") == request}


def test_a_request_is_followed_through_all_processes(service: Service) -> None:
    patient = Patient(service.base)
    booking = request_of(service, patient, "i want to book a consultation")
    wait_for(lambda: processes(service, booking) >= {"web", "rasa", "actions"}, 20)
    crisis = request_of(service, patient, "I want to kill myself")
    wait_for(lambda: processes(service, crisis) >= {"web", "worker"}, 30)
    one = next(line for line in lines(service, "rasa") if line.get("request") == booking)
    assert one["event"] == "turn" and one["ms"] > 0 and one["level"] == "info"
    assert booking != crisis


def test_the_proxys_id_is_taken_and_words_are_not(service: Service) -> None:
    def answered(given: str) -> str:
        asked = urllib.request.Request(f"{service.base}/healthz", headers={"X-Request-ID": given})
        with urllib.request.urlopen(asked) as answer:
            return str(answer.headers["X-Request-ID"])

    ours = "0123456789abcdef" * 2
    assert answered(ours) == ours
    for given in ("i-want-to-die", ours + "0", ours.upper(), "", "é" * 32):
        assert re.fullmatch("[0-9a-f]{32}", answered(given)) and answered(given) != given


def test_a_day_leaves_no_word_in_any_log(service: Service) -> None:
    sent: list[str] = []
    for hour, name in enumerate(NAMES):
        patient = Patient(service.base)
        for said in SAID:
            text = said.format(name=f"{name}{hour}")
            patient.say(text)
            sent.append(text)
        sent += by_text(service, name, hour)
        sent += broken_calls(service, patient, name)
        if name == "Wexcombe":
            service.kill("bot.dialogue.actions_server")
        if name == "Ottoline":
            call(f"{service.base}/api/conversations", None, patient.token, method="DELETE")
        if name == "Brannigar":
            sent += without_rasa(service, name)
    time.sleep(2.5)  # the worker's round
    folder = Path(service.environment["BOT_VAR"]) / "log"
    assert {"web.log", "rasa.log", "actions.log", "worker.log"} <= {path.name for path in folder.iterdir()}
    for path in folder.iterdir():
        logged = path.read_text(errors="replace").lower()
        for word in (*NAMES, "oncall@clinic", "5550142", "555 0142", "kill myself", "respirar"):
            assert word.lower() not in logged, (path.name, word)
        for text in sent:
            if len(text) > 8:
                assert text.lower() not in logged, (path.name, text)
    answered = [line for line in lines(service, "web") if line["event"] == "answered"]
    assert len(answered) >= len(NAMES) * len(SAID)
    assert any(line["level"] == "error" for line in lines(service, "web"))  # the faults were logged, by their kind


def by_text(service: Service, name: str, hour: int) -> list[str]:
    """Send texts over the stand-in for Twilio."""
    said = [f"hello from {name}", f"what does it cost {name}", f"{name} wants to die"]
    for text in said:
        requests.post(f"{service.standin}/phone/text", json={"from": f"+121255501{hour:02}", "text": text}, timeout=30)
    return said


def broken_calls(service: Service, patient: Patient, name: str) -> list[str]:
    """Send words in every place where they don't belong."""
    headers = {"Authorization": f"Bearer {patient.token}", "X-Request-ID": name, "User-Agent": name}
    for path, body in (("/api/messages", f'{{"text": "{name}'), ("/api/messages", json.dumps([name])),
                       ("/api/messages", json.dumps({"text": name, "client_id": name})),
                       ("/api/messages", json.dumps({"text": name * 400, "client_id": str(uuid.uuid4())})),
                       (f"/api/{name}", name), (f"/sms/inbound?{name}", f"Body={name}"), (f"/v/{name}", name),
                       (f"/desk/login/?next={name}", f"name={name}&password={name}")):
        answer = requests.post(service.base + path, data=body.encode(), headers=headers, timeout=10)
        assert answer.status_code != 500, path
    requests.get(f"{service.base}/api/messages?after={name}", headers=headers, timeout=10)
    return [name]


def without_rasa(service: Service, name: str) -> list[str]:
    """Write to a Rasa that hangs."""
    text = f"{name} hangs on the line"
    rasa = psutil.Process(service.pid("bot.dialogue.serve"))
    rasa.suspend()
    try:
        assert Patient(service.base).say(text)[0]["kind"] == "handoff"
    finally:
        rasa.resume()
    return [text]
