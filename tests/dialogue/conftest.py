"""The trained Rasa model in this process, with its actions."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.rasa import Turn
from bot.settings import get_settings


class Talk:
    """One conversation with the model."""

    def __init__(self, rasa: Any, sender: str) -> None:
        self.rasa, self.sender = rasa, sender

    async def say(self, text: str, **metadata: Any) -> list[dict[str, Any]]:
        return await self.rasa.ask(Turn(self.sender, text, None, metadata), 30.0)

    async def tap(self, intent: str) -> list[dict[str, Any]]:
        return await self.rasa.ask(Turn(self.sender, "tapped", intent, {}), 30.0)

    async def tracker(self) -> Any:
        return await self.rasa._agent.tracker_store.retrieve(self.sender)


@pytest.fixture(scope="session")
def rasa(trained: None) -> Any:
    from bot.commands._local_rasa import LocalRasa

    return LocalRasa(get_settings().env.models)


@pytest.fixture
def talk(rasa: Any, request: pytest.FixtureRequest) -> Talk:
    return Talk(rasa, f"test-{abs(hash(request.node.nodeid)) % 10**12}")
