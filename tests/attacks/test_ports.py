"""Only the gateway can be reached, and it only from this machine: the listening sockets are read, and tried from another network."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from tests.attacks.conftest import House
from tests.attacks.front import statuses

pytestmark = pytest.mark.slow
OURS, THEIRS = "10.213.7.1", "10.213.7.2"
TRY = """
import json, socket, sys
out = {}
for port in map(int, sys.argv[2:]):
    try:
        socket.create_connection((sys.argv[1], port), 2).close(); out[port] = "open"
    except ConnectionRefusedError:
        out[port] = "refused"
    except OSError as error:
        out[port] = type(error).__name__
print(json.dumps(out))
"""


def listening(house: House) -> dict[int, str]:
    """Return each port that a process of the service listens on, with its address."""
    process = house.service.process
    assert process is not None
    found = {}
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if each.environ().get("BOT_VAR") == house.service.environment["BOT_VAR"]:
                found.update({line.laddr.port: line.laddr.ip for line in each.net_connections("inet")
                              if line.status == psutil.CONN_LISTEN})
    return found


@pytest.fixture
def other_network() -> Iterator[list[str]]:
    """Return the start of a command that runs on another network, one line away from this machine."""
    name = "bot-attacks"
    steps = [["ip", "netns", "add", name], ["ip", "link", "add", "bot-a", "type", "veth", "peer", "name", "bot-b"],
             ["ip", "link", "set", "bot-b", "netns", name], ["ip", "addr", "add", f"{OURS}/30", "dev", "bot-a"],
             ["ip", "link", "set", "bot-a", "up"]]
    inside = [["addr", "add", f"{THEIRS}/30", "dev", "bot-b"], ["link", "set", "bot-b", "up"], ["link", "set", "lo", "up"]]
    try:
        for step in [*steps, *(["ip", "-n", name, *rest] for rest in inside)]:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"no networks can be made here: {done.stderr.strip()}")
        yield ["ip", "netns", "exec", name]
    finally:
        subprocess.run(["ip", "link", "del", "bot-a"], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def test_every_process_listens_on_loopback_alone(house: House) -> None:
    found = listening(house)
    environment = house.service.environment
    assert set(found) == {int(environment[name]) for name in ("BOT_PORT", "RASA_PORT", "ACTIONS_PORT")}
    assert set(found.values()) == {"127.0.0.1"}


def test_from_another_network_no_port_of_it_answers(house: House, other_network: list[str]) -> None:
    ports = [str(port) for port in listening(house)]
    with socket.create_server((OURS, 0)) as open_door:  # what can be reached is reached: the line is there
        door = open_door.getsockname()[1]
        done = subprocess.run([*other_network, sys.executable, "-c", TRY, OURS, *ports, str(door)],
                              capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {**dict.fromkeys(ports, "refused"), str(door): "open"}


@pytest.mark.parametrize("path", [
    "/webhooks/clinic/message", "/webhooks/rest/webhook", "/webhook", "/conversations/x/tracker", "/model", "/domain"])
def test_the_proxy_leads_to_nothing_of_rasa(house: House, path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        answered = house.nginx.raw(f"{method} {path} HTTP/1.1\r\nHost: {house.nginx.host}\r\nContent-Length: 2\r\n"
                                   "Connection: close\r\n\r\n{}".encode())
        assert statuses(answered) == [404]


def test_on_this_machine_rasa_answers_nobody_without_the_secret(house: House) -> None:
    import requests

    base = f"http://127.0.0.1:{house.service.environment['RASA_PORT']}"
    turn = {"sender": "ABCDEF", "text": "hello", "metadata": {"staff": True}}
    for headers in ({}, {"X-Internal-Token": "guess"}, {"X-Internal-Token": "é"}):
        headers = {name: value.encode("utf-8") for name, value in headers.items()}
        assert requests.post(f"{base}/webhooks/clinic/message", json=turn, headers=headers, timeout=10).status_code == 403
    for path in ("/webhooks/rest/webhook", "/conversations/ABCDEF/tracker", "/model", "/domain", "/webhooks/twilio/webhook"):
        assert requests.get(base + path, timeout=10).status_code == 404
        assert requests.post(base + path, json=turn, timeout=10).status_code in (404, 405)
