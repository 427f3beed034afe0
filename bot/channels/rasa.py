"""Asking Rasa: over loopback HTTP in the service, in this process for the terminal."""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from bot.channels.rasa_place import Place
from bot.embedding import Vectors


class RasaUnavailable(Exception):
    """Rasa did not answer in time, answered with an error, or had nothing to say."""


@dataclass(frozen=True)
class Turn:
    """One message for Rasa. With `intent` set, no language understanding runs."""

    sender: str
    text: str
    intent: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the body for the gateway's channel in Rasa."""
        return {"sender": self.sender, "text": self.text, "intent": self.intent, "metadata": self.metadata}


class Rasa(Protocol):
    """Where ordinary messages are answered."""

    async def ask(self, turn: Turn, timeout: float) -> list[dict[str, Any]]:
        """Return Rasa's replies; raises `RasaUnavailable` after `timeout` seconds or on any fault."""


class HttpRasa:
    """The Rasa servers on loopback, over kept connections.

    A conversation keeps to one of them, which has its tracker in memory; when that one takes no
    connections, the next one does. A turn that a server has taken is never given to another.
    While they start again with new models, a server beside them comes first.
    """

    def __init__(self, base_urls: Sequence[str], token: str, place: Place | None = None) -> None:
        self._urls, self._place = list(base_urls), place
        self._headers = {"X-Internal-Token": token}
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, turn: Turn, timeout: float) -> list[dict[str, Any]]:
        """Return Rasa's replies; raises `RasaUnavailable` after `timeout` seconds or on any fault."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        first = zlib.crc32(turn.sender.encode()) % len(self._urls)
        beside = self._place.beside() if self._place else None
        try:
            async with asyncio.timeout(timeout):
                for url in (*([beside] if beside else ()), *self._urls[first:], *self._urls[:first]):
                    try:
                        return await self._post(self._session, url, turn)
                    except aiohttp.ClientConnectorError:
                        continue  # nobody there took the turn
            raise RasaUnavailable("ClientConnectorError")
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, OSError) as error:
            raise RasaUnavailable(type(error).__name__) from error

    async def _post(self, session: aiohttp.ClientSession, url: str, turn: Turn) -> list[dict[str, Any]]:
        address = f"{url}/webhooks/clinic/message"
        async with session.post(address, json=turn.as_json(), headers=self._headers) as response:
            if response.status != 200:
                raise RasaUnavailable(f"status {response.status}")
            messages: list[dict[str, Any]] = (await response.json())["messages"]
            return messages

    async def close(self) -> None:
        """Close the kept connections."""
        if self._session is not None:
            await self._session.close()


def pack_vector(vector: Vectors) -> str:
    """Return an embedding as text for JSON (little-endian float32, base64)."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
