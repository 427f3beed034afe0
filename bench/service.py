"""The two services that are measured: the stock bot and ours, each as its own processes."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import aiohttp
import psutil

from tests.tools import Service, free_ports

ROOT = Path(__file__).resolve().parent.parent
SUBJECTS = ("an infusion", "the first visit", "a consultation", "the whole treatment", "one session")
ASKS = ("how long does {} take", "is {} safe", "what happens during {}", "can i eat before {}", "what does {} cost",
        "do i need a ride after {}", "is {} covered by insurance", "does {} hurt", "what are the side effects of {}")


class Stock:
    """What `rasa init` makes, on its own REST channel."""

    name = "stock"
    questions = ("hello", "i am feeling sad today", "are you a bot?", "not really", "goodbye", "great, thank you",
                 "good morning", "i'm very happy", "who am i talking to", "yes that helped")
    crises: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "stock"
        self.port = free_ports(1)[0]
        self.process: subprocess.Popen[bytes] | None = None

    def trained(self) -> bool:
        """Return whether there is a model."""
        return any((self.folder / "models").glob("*.tar.gz"))

    def train(self) -> float:
        """Make the project if need be, train it, and return the seconds that training took."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.trained():
            self._rasa("init", "--no-prompt", "--init-dir", str(self.folder)).wait()
        (self.folder / "credentials.yml").write_text("rest:\n")
        started = time.monotonic()
        self._rasa("train", "--force").wait()
        return time.monotonic() - started

    def start(self) -> float:
        """Start the server and return the seconds to its first answer."""
        started = time.monotonic()
        self.process = self._rasa("run", "-i", "127.0.0.1", "-p", str(self.port))
        body = b'{"sender": "first", "message": "hello"}'
        while time.monotonic() < started + 180:
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/webhooks/rest/webhook", body)
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    if b"text" in response.read():
                        return time.monotonic() - started
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the stock bot did not start")

    def stop(self) -> None:
        """End the server."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)

    def memory(self) -> float:
        """Return the resident memory of the server in MB."""
        assert self.process is not None
        return psutil.Process(self.process.pid).memory_info().rss / 2**20

    async def open(self, session: aiohttp.ClientSession) -> str:
        """Return a fresh sender."""
        return uuid.uuid4().hex

    async def say(self, session: aiohttp.ClientSession, conversation: str, text: str) -> bool:
        """Send a message to the REST channel."""
        async with session.post(f"http://127.0.0.1:{self.port}/webhooks/rest/webhook",
                                json={"sender": conversation, "message": text}) as response:
            await response.json()
            return response.status == 200  # it has nothing to say to some messages

    def _rasa(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "log.txt").open("ab")
        return subprocess.Popen([sys.executable, "-m", "rasa", *arguments], cwd=self.folder, stdout=log, stderr=log)


class Ours:
    """The whole service, through its gateway."""

    name = "ours"
    questions = tuple(ask.format(subject) for subject in SUBJECTS for ask in ASKS)
    crises = ("i want to kill myself", "i just took all my pills", "i cant breathe and my chest hurts",
              "i have a plan to end my life tonight", "i swallowed the whole bottle")

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "ours"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.service: Service | None = None
        # Each patient writes from an address of their own, as they do through a proxy: one address has a pace.
        self._addresses, self._at = itertools.count(1), dict[str, str]()

    def trained(self) -> bool:
        """Return whether there are models."""
        return any((ROOT / "models" / "rasa").glob("*.tar.gz"))

    def train(self) -> float:
        """Train everything anew, nothing kept from before, and return the seconds it took."""
        for kept in (ROOT / "var" / "cache").glob("vectors-*"):
            kept.unlink()
        started = time.monotonic()
        subprocess.run([sys.executable, "-m", "bot", "train", "--force", "--quiet"], cwd=ROOT, check=True,
                       stderr=subprocess.DEVNULL)
        return time.monotonic() - started

    def start(self) -> float:
        """Start all processes and return the seconds until every part is ready."""
        started = time.monotonic()
        self.service = Service(self.folder, BOT_VAR=str(self.folder / f"var-{os.getpid()}"))
        self.service.__enter__()
        return time.monotonic() - started

    def stop(self) -> None:
        """End all processes."""
        if self.service is not None:
            self.service.__exit__()

    def memory(self) -> float:
        """Return the resident memory of web, rasa, actions and worker together in MB."""
        assert self.service is not None
        modules = ("uvicorn", "bot.dialogue.serve", "bot.dialogue.actions_server", "bot.records.worker")
        pids = [self.service.pid(module) for module in modules]
        return sum(psutil.Process(pid).memory_info().rss for pid in pids if pid) / 2**20

    async def open(self, session: aiohttp.ClientSession) -> str:
        """Open a chat and return its token."""
        assert self.service is not None
        while True:
            number = next(self._addresses)
            at = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            async with session.post(f"{self.service.base}/api/conversations", json={"channel": "web"},
                                    headers={"X-Forwarded-For": at}) as response:
                if response.status == 201:
                    opened = str((await response.json())["conversation"])
                    self._at[opened] = at
                    return opened
            await asyncio.sleep(1)

    async def say(self, session: aiohttp.ClientSession, conversation: str, text: str) -> bool:
        """Send a message through the gateway."""
        assert self.service is not None
        async with session.post(f"{self.service.base}/api/messages",
                                json={"client_id": str(uuid.uuid4()), "text": text},
                                headers={"Authorization": f"Bearer {conversation}",
                                         "X-Forwarded-For": self._at[conversation]}) as response:
            body = await response.json()
            return any(message["from"] == "bot" for message in body.get("messages", ()))

