"""Patients who behave as the widget does: a message that was not confirmed is sent again under its id.

Every message goes into a ledger, which is compared with the records when everything is over.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.tools import Service

ORDINARY = ("how long does an infusion take", "is it safe", "what does it cost", "do i need a ride home", "hello",
            "what are the side effects", "is it covered by insurance", "thank you", "where are you",
            "can i eat before", "does it hurt", "are you a robot", "what is ketamine", "who should not take it")
BOOKING = ("i'd like to book a consultation", "next week", "any day is fine", "the first one")
DANGER = ("i want to kill myself tonight", "i just took all my pills", "i'm going to end my life",
          "i swallowed the whole bottle", "i have a plan to kill myself")
TRY_FOR = 120.0       # seconds until a patient gives a message up
ONE_TRY = 20.0        # seconds, as in the widget


@dataclass
class Sent:
    """One message: what it was, when it was first tried, and what came back."""

    case: int
    client_id: str
    text: str
    danger: bool
    first: float
    tries: int = 0
    confirmed: float = 0.0       # when the answer was there
    answered_in: float = 0.0     # seconds of the try that brought the first answer
    whole: float = 0.0           # seconds from the first try to the first answer
    kinds: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    reached: float = 0.0         # when a web process first took it


@dataclass
class Ledger:
    """Everything that was sent, and every conversation's token."""

    sent: list[Sent] = field(default_factory=list)
    tokens: dict[int, str] = field(default_factory=dict)


class Patient:
    """One conversation over HTTP."""

    def __init__(self, session: aiohttp.ClientSession, base: str, ledger: Ledger, case: int) -> None:
        self._session, self._base, self._ledger, self.case = session, base, ledger, case
        # Each patient writes from an address of their own, as they do through a proxy: one address has a pace.
        self._from = {"X-Forwarded-For": f"10.{case >> 16 & 255}.{case >> 8 & 255}.{case & 255}"}
        self.token = ""

    async def open(self) -> None:
        """Open the chat, however long it takes."""
        while True:
            try:
                async with self._session.post(f"{self._base}/api/conversations", json={"channel": "web"},
                                              headers=self._from) as response:
                    if response.status == 201:
                        self.token = (await response.json())["conversation"]
                        self._ledger.tokens[self.case] = self.token
                        return
            except (aiohttp.ClientError, TimeoutError, ValueError):
                pass
            await asyncio.sleep(0.5)

    async def say(self, text: str, danger: bool = False) -> Sent:
        """Send a message until it is confirmed, or for two minutes."""
        sent = Sent(self.case, uuid.uuid4().hex, text, danger, time.monotonic())
        self._ledger.sent.append(sent)
        while not sent.confirmed and time.monotonic() - sent.first < TRY_FOR:
            sent.tries += 1
            started = time.monotonic()
            body = await self._try(sent)
            if body is not None:
                replies = [row for row in body["messages"] if row["from"] != "patient"]
                if replies and not sent.kinds:
                    now = time.monotonic()
                    sent.kinds = [row["kind"] for row in replies]
                    sent.texts = [row["text"] for row in replies]
                    sent.answered_in, sent.whole = now - started, now - sent.first
                if body.get("kept") is not False:
                    sent.confirmed = time.monotonic()
                    break
            await asyncio.sleep(min(3.0, 0.3 * 2 ** min(sent.tries, 4)))
        return sent

    async def _try(self, sent: Sent) -> dict[str, Any] | None:
        try:
            async with self._session.post(
                    f"{self._base}/api/messages", json={"client_id": sent.client_id, "text": sent.text},
                    headers={"Authorization": f"Bearer {self.token}", **self._from},
                    timeout=aiohttp.ClientTimeout(total=ONE_TRY)) as response:
                return await response.json() if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None


async def crowd(service: Service, ledger: Ledger, patients: int, messages: int, pause: float = 0.2,
                seed: int = 1, base: str | None = None) -> None:
    """Let so many patients say so many messages in all; ends when all are through.

    Of four, one books, one is in danger at every other message, and two ask questions.
    """
    chance = random.Random(seed)
    first = len(ledger.tokens)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0),
                                     timeout=aiohttp.ClientTimeout(total=ONE_TRY)) as session:
        async def one(number: int) -> None:
            patient = Patient(session, base or service.base, ledger, first + number)
            await patient.open()
            for turn in range(messages // patients):
                danger = number % 4 == 1 and turn % 2 == 1
                if number % 4 == 0:
                    text = BOOKING[turn % len(BOOKING)]
                else:
                    text = f"{chance.choice(DANGER if danger else ORDINARY)} ({number}.{turn})"
                await patient.say(text, danger)
                await asyncio.sleep(pause * chance.uniform(0.5, 1.5))

        await asyncio.gather(*(one(number) for number in range(patients)))


@dataclass
class Verdict:
    """What the records say of a ledger; anything but zero in the first six is a fault of ours."""

    unanswered: int = 0        # patients who never got a reply
    lost: int = 0              # confirmed, and not on record
    doubled: int = 0           # on record more than once, or answered twice
    crossed: int = 0           # on record in another conversation
    danger_missed: int = 0     # danger without a crisis reply, or without an alert
    untold: int = 0            # a fallback that staff were not told of
    messages: int = 0
    confirmed: int = 0
    dangers: int = 0
    fallbacks: int = 0
    slowest_danger: float = 0.0       # seconds of the try that was answered
    slowest_danger_whole: float = 0.0  # seconds from the first try, whatever was down

    @property
    def faults(self) -> dict[str, int]:
        """Return what went wrong."""
        names = ("unanswered", "lost", "doubled", "crossed", "danger_missed", "untold")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def compare(service: Service, ledger: Ledger) -> Verdict:
    """Return how the records compare with what the patients saw."""
    verdict = Verdict(messages=len(ledger.sent))
    rows = service.ask("SELECT client_id, conversation_id, text, id FROM records_message WHERE sender = 'patient'")
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    replies: dict[int, list[str]] = {}
    for answers, text in service.ask("SELECT answers_id, text FROM records_message WHERE answers_id IS NOT NULL"):
        replies.setdefault(answers, []).append(text)
    alerted: dict[int, set[str]] = {}
    for conversation, priority, reason in service.ask("SELECT conversation_id, priority, reason FROM records_alert"):
        alerted.setdefault(conversation, set()).update((priority, reason))
    homes: dict[int, int] = {}
    for sent in ledger.sent:
        on_record = found.get(sent.client_id, [])
        verdict.confirmed += bool(sent.confirmed)
        verdict.unanswered += not sent.kinds
        verdict.lost += bool(sent.confirmed and (not on_record or on_record[0][2] != sent.text))
        verdict.doubled += len(on_record) > 1
        if not on_record:
            continue
        home, message = on_record[0][1], on_record[0][3]
        verdict.crossed += homes.setdefault(sent.case, home) != home
        said = replies.get(message, [])
        verdict.doubled += len(said) != len(set(said))
        verdict.lost += bool(sent.confirmed and not said)
        told = alerted.get(home, set())
        if sent.danger:
            verdict.dangers += 1
            verdict.danger_missed += "crisis" not in sent.kinds or not told & {"P1", "P2"}
            verdict.slowest_danger = max(verdict.slowest_danger, sent.answered_in)
            verdict.slowest_danger_whole = max(verdict.slowest_danger_whole, sent.whole)
        elif "handoff" in sent.kinds and any("911" in text for text in sent.texts):
            verdict.fallbacks += 1
            verdict.untold += not told & {"assistant_down", "records_down"}
    verdict.crossed += len(homes) - len(set(homes.values()))
    return verdict


def as_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict for a file."""
    return json.loads(json.dumps(vars(verdict)))  # type: ignore[no-any-return]
