"""Asking Rasa: over loopback HTTP in the service, in this process for the terminal."""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.channels.loopback import BadAnswer, Loopback, NobodyThere
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
        self._token, self._place = token, place
        self._servers = [self._server(url) for url in base_urls]
        self._beside: tuple[str, Loopback] | None = None

    async def ask(self, turn: Turn, timeout: float) -> list[dict[str, Any]]:
        """Return Rasa's replies; raises `RasaUnavailable` after `timeout` seconds or on any fault."""
        first = zlib.crc32(turn.sender.encode()) % len(self._servers)
        try:
            async with asyncio.timeout(timeout):
                for server in (*self._before(), *self._servers[first:], *self._servers[:first]):
                    try:
                        messages: list[dict[str, Any]] = (await server.post(turn.as_json()))["messages"]
                        return messages
                    except NobodyThere:
                        continue  # nobody there took the turn
            raise RasaUnavailable("NobodyThere")
        except BadAnswer as error:
            raise RasaUnavailable(str(error)) from error
        except (TimeoutError, KeyError, TypeError, OSError, EOFError) as error:
            raise RasaUnavailable(type(error).__name__) from error

    def _server(self, url: str) -> Loopback:
        return Loopback(f"{url}/webhooks/clinic/message", {"X-Internal-Token": self._token})

    def _before(self) -> list[Loopback]:
        """Return the server that is to be asked before the others, if there is one."""
        url = self._place.beside() if self._place else None
        if url is None:
            return []
        if self._beside is None or self._beside[0] != url:
            self._beside = url, self._server(url)
        return [self._beside[1]]

    async def close(self) -> None:
        """Close the kept connections."""
        for server in self._servers:
            await server.close()


def pack_vector(vector: Vectors) -> str:
    """Return an embedding as text for JSON (little-endian float32, base64)."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
