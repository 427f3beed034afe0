"""JSON calls over kept connections to a server of our own on loopback.

A general HTTP client takes four times the processor time a call (0.25 ms, and more on a busy machine). This one does
what the gateway's channel in Rasa needs, and nothing else: POST, JSON, a known length.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlsplit

# Rasa's server closes a connection after five seconds without a call.
KEPT_FOR = 4.0
MOST_KEPT = 64
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class BadAnswer(Exception):
    """The server answered something that is no answer, or with an error; the text holds none of its words."""


class NobodyThere(Exception):
    """No server takes connections at the address, so none has taken the call."""


class Loopback:
    """Calls to one address. Safe to use from many tasks of one event loop."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        lines = [f"POST {parts.path} HTTP/1.1", f"Host: {self._host}:{self._port}",
                 "Content-Type: application/json", *(f"{name}: {value}" for name, value in headers.items())]
        self._head = "\r\n".join([*lines, "Content-Length: "]).encode("ascii")
        self._kept: list[tuple[float, Connection]] = []

    async def post(self, body: Any) -> Any:
        """Return the JSON of the answer; raises `NobodyThere`, `BadAnswer`, `OSError` or `EOFError`."""
        content = json.dumps(body).encode("utf-8")
        reader, writer = self._free() or await self._connect()
        try:
            writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(content), content))
            status, answer = await _read(reader)
        except BaseException:  # also when the caller has gone: half an answer must not be read as the next one
            writer.close()
            raise
        if len(self._kept) < MOST_KEPT:
            self._kept.append((time.monotonic(), (reader, writer)))
        else:
            writer.close()
        if status == 503:  # it is starting, and has not taken the call
            raise NobodyThere("status 503")
        if status != 200:
            raise BadAnswer(f"status {status}")
        try:
            return json.loads(answer)
        except ValueError:
            raise BadAnswer("no JSON") from None

    async def _connect(self) -> Connection:
        try:
            return await asyncio.open_connection(self._host, self._port)
        except OSError as error:
            raise NobodyThere(type(error).__name__) from error

    def _free(self) -> Connection | None:
        """Return a connection that is still open, the one used last; older ones are closed in time."""
        while self._kept:
            since, (reader, writer) = self._kept.pop()
            if time.monotonic() - since < KEPT_FOR and not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return None

    async def close(self) -> None:
        """Close the kept connections."""
        while self._kept:
            self._kept.pop()[1][1].close()


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(":", 1) for line in head[1:] if ":" in line)
        return int(head[0].split(" ", 2)[1]), await reader.readexactly(int(fields["content-length"]))
    except (asyncio.LimitOverrunError, ValueError, IndexError, KeyError):
        raise BadAnswer("no HTTP") from None
