"""Helpers for tests: the whole service as processes, and a patient who talks to it."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def arguments(**values: Any) -> argparse.Namespace:
    """Return parsed arguments for a command."""
    return argparse.Namespace(**values)


def free_ports(count: int) -> list[int]:
    """Return ports that are free now."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def row_of_ports(count: int) -> int:
    """Return the first of so many ports in a row that are free now."""
    for _ in range(100):
        first = free_ports(1)[0]
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            continue
        return first
    raise RuntimeError(f"no {count} free ports in a row")


class Service:
    """`bot run` on free ports, in a folder of its own."""

    def __init__(self, folder: Path, models: Path | None = None, **environment: str) -> None:
        from tests import servers

        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        kinds = ("WEB", "RASA", "ACTIONS")
        web, rasa, actions = (row_of_ports(int(environment.get(f"{kind}_PROCESSES", "1"))) for kind in kinds)
        standin = free_ports(1)[0]
        self.base, self.standin = f"http://127.0.0.1:{web}", f"http://127.0.0.1:{standin}"
        self.environment = {
            **os.environ, "BOT_VAR": str(folder / "var"),
            **servers.surroundings(),
            "BOT_PORT": str(web), "RASA_PORT": str(rasa), "ACTIONS_PORT": str(actions),
            "STANDIN_PORT": str(standin),
            "PYTHONPATH": str(ROOT), "RASA_TIMEOUT": "6", **environment}
        if models is not None:
            self.environment["BOT_MODELS"] = str(models)
        self.site = ""  # the origin of the clinic's own pages, where a test needs one
        self.process: subprocess.Popen[str] | None = None
        self.output = folder / "run.log"

    def __enter__(self) -> Service:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", "--no-train"], cwd=ROOT, env=self.environment,
            stdout=self.output.open("w"), stderr=subprocess.STDOUT, text=True, start_new_session=True)
        try:
            wait_for(lambda: "is up" in self.output.read_text(), 200, self.process)
        except TimeoutError:
            self.__exit__()
            raise AssertionError(f"the service did not start:\n{self.output.read_text()[-2000:]}") from None
        return self

    def __exit__(self, *args: object) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def pid(self, module: str) -> int | None:
        """Return the process of this service that runs a module."""
        return next(iter(self.pids(module)), None)

    def pids(self, module: str = "") -> list[int]:
        """Return the processes of this service that run a module, or all of them."""
        import psutil

        found = []
        for each in psutil.process_iter(["cmdline"]):
            try:
                ours = each.environ().get("BOT_VAR") == self.environment["BOT_VAR"]
                if ours and (not module or module in (each.info["cmdline"] or [])):
                    found.append(int(each.pid))
            except (psutil.Error, OSError):
                continue
        return found

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows that a statement finds in this service's database."""
        url = self.environment["DATABASE_URL"]
        if url.startswith("postgres"):
            import psycopg2

            with closing(psycopg2.connect(url)) as database, database.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        with closing(sqlite3.connect(Path(self.environment["BOT_VAR"]) / "bot.sqlite3", timeout=20)) as database:
            return database.execute(statement).fetchall()

    def kill(self, module: str) -> int:
        """Kill a process outright and return its number."""
        pid = self.pid(module)
        assert pid is not None, f"{module} is not running"
        os.kill(pid, signal.SIGKILL)
        return pid

    def dump(self) -> str:
        """Return everything that this service's databases hold."""
        url = self.environment["DATABASE_URL"]
        if url.startswith("postgres"):
            program = initdb()
            assert program is not None
            return subprocess.run([str(program.with_name("pg_dump")), url], capture_output=True, text=True, check=True).stdout
        lines: list[str] = []
        for file in ("bot.sqlite3", "rasa.sqlite3"):
            with closing(sqlite3.connect(Path(self.environment["BOT_VAR"]) / file)) as database:
                lines += database.iterdump()
        return "\n".join(lines)

    def cut_power(self) -> None:
        """Kill everything at once, the supervisor first."""
        import psutil

        assert self.process is not None
        everything = self.pids()
        for pid in [self.process.pid, *everything, *self.pids()]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)
        wait_for(lambda: not any(psutil.pid_exists(pid) for pid in everything), 10)

    def parts(self) -> dict[str, str]:
        """Return what `/readyz` says."""
        from bot.commands.run import ready_parts
        from bot.settings import load_settings

        return ready_parts(load_settings(environ=self.environment).env)


def clinic_with_site(folder: Path) -> tuple[Path, str]:
    """Return a clinic's settings and the origin on this machine whose pages they let show the widget."""
    site = f"http://127.0.0.1:{free_ports(1)[0]}"
    text = (ROOT / "clinic.yml").read_text(encoding="utf-8")
    path = folder / "clinic.yml"
    path.write_text(text.replace("sites: []", f'sites: ["{site}"]'), encoding="utf-8")
    return path, site


class Patient:
    """Someone who uses the web chat."""

    def __init__(self, base: str) -> None:
        self.base = base
        status, body = call(f"{base}/api/conversations", {"channel": "web"})
        assert status == 201, body
        self.token, self.greeting = body["conversation"], body["messages"]

    def say(self, text: str | None = None, choice: str | None = None,
            client_id: str | None = None) -> list[dict[str, Any]]:
        """Send a message and return the replies to it."""
        payload: dict[str, Any] = {"client_id": client_id or str(uuid.uuid4())}
        payload.update({"choice": choice} if choice else {"text": text})
        status, body = call(f"{self.base}/api/messages", payload, self.token)
        assert status == 200, body
        return [message for message in body["messages"] if message["from"] != "patient"]

    def history(self) -> list[dict[str, Any]]:
        """Return everything that is on record for this patient."""
        found: list[dict[str, Any]] = []
        while True:  # a page at a time
            after = found[-1]["id"] if found else 0
            status, body = call(f"{self.base}/api/messages?after={after}", None, self.token)
            assert status == 200
            if not body["messages"]:
                return found
            found += body["messages"]


def call(url: str, payload: Any = None, token: str | None = None, method: str | None = None) -> tuple[int, Any]:
    """Return status and JSON of a call."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if payload is None else json.dumps(payload).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=40) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def initdb() -> Path | None:
    """Return PostgreSQL's program that makes a cluster, the newest one, if it is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    return found[-1] if found else None


def wait_for(condition: Any, seconds: float, process: subprocess.Popen[str] | None = None) -> None:
    """Wait until a condition holds; raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.2)
    raise TimeoutError
