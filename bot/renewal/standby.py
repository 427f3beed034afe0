"""A second Rasa that answers while the first one starts again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from bot.settings import ROOT, Environment

READY_WITHIN = 120.0  # seconds
POLL = 0.2


class NotReady(RuntimeError):
    """A Rasa process did not come up."""


def state(port: int) -> dict[str, Any]:
    """Return what the Rasa on a port says of itself ("model", "busy", "pid"); empty when it is not up."""
    said = _says(port)
    return said if said.get("model") else {}


def _says(port: int) -> dict[str, Any]:
    try:
        return dict(requests.get(f"http://127.0.0.1:{port}/webhooks/clinic/ready", timeout=3).json())
    except (requests.RequestException, ValueError, TypeError):
        return {}


def start(env: Environment, models: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start a Rasa over `models` on a free port and return it once it is ready; raises `NotReady`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = env.var / "log" / "rasa-beside.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "BOT_MODELS": str(models.absolute()), "RASA_PORT": str(port), "PYTHONPATH": str(ROOT),
                   "MODELS_SHA256": "", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "bot.dialogue.serve"], cwd=ROOT, env=environment,
                                   stdout=output, stderr=output, start_new_session=True)
    try:
        wait_for_new(port, None, process)
    except NotReady:
        stop(process)
        raise NotReady(f"the new model does not start; its last words are in {log}") from None
    return process, port


def wait_for_new(port: int, before: int | None, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until a Rasa other than process `before` is ready on a port; raises `NotReady`."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        found = _says(port)
        if found.get("model") and found.get("pid") != before:
            return
        if process is not None and found.get("model") is False:
            break  # Rasa loads its model before it takes a call: this one could not be loaded
        time.sleep(POLL)
    raise NotReady(f"no Rasa became ready on port {port}")


def wait_until_idle(port: int, seconds: float) -> None:
    """Wait until the Rasa on a port has no turn in hand, at most for `seconds`."""
    deadline, quiet = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and quiet < 3:
        quiet = 0 if state(port).get("busy") else quiet + 1
        time.sleep(POLL)


def ports(env: Environment) -> range:
    """Return the ports of the Rasa processes that the supervisor or systemd keeps up."""
    return range(env.rasa_port, env.rasa_port + env.processes.rasa)


def restart(env: Environment) -> None:
    """End each Rasa that is kept up, one after the other, and wait for the next one; raises `NotReady`."""
    for port in ports(env):
        before = state(port).get("pid")
        if before:
            os.kill(int(before), signal.SIGTERM)
        wait_for_new(port, before)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a Rasa that was started here."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
