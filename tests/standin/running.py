"""The stand-in for Twilio on a free port, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from bot.records.carrier import STANDIN_ACCOUNT
from bot.standin.api import build
from bot.standin.network import Account, Network
from tests.tools import free_ports


@contextmanager
def standin(token: str, number: str, inbound_url: str = "http://127.0.0.1:9/sms/inbound",
            delay: float = 0.0) -> Iterator[tuple[Network, int]]:
    """Yield a running network and the port of its server."""
    port = free_ports(1)[0]
    loop, up = asyncio.new_event_loop(), threading.Event()
    network = Network(Account(STANDIN_ACCOUNT, token, number, inbound_url), delay=delay, seed=7)

    async def serve() -> web.AppRunner:
        runner = web.AppRunner(build(network), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        up.set()
        return runner

    def work() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(serve())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    if not up.wait(10):
        raise RuntimeError("the stand-in did not start")
    try:
        yield network, port
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
