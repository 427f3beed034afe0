"""A gateway in this process: the real screen, replies, model and records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.channels import service
from bot.channels.gateway import Gateway
from bot.channels.rasa import RasaUnavailable, Turn
from bot.settings import get_settings


class Scripted:
    """A Rasa that does what a test says, for what a real one cannot be made to do on demand."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.turns = list(answers), []

    async def ask(self, turn: Turn, timeout: float) -> list[dict[str, Any]]:
        self.turns.append(turn)
        answer = self.answers.pop(0) if self.answers else [{"text": "An answer.", "kind": "answer"}]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(scope="session")
def real_gateway(trained: None) -> Gateway:
    """Return a gateway over the trained model, in this process."""
    from bot.commands._local_rasa import LocalRasa

    gateway = service.build_gateway(get_settings(), LocalRasa(get_settings().env.models))
    gateway.timeout = 30.0
    return gateway


@pytest.fixture
def scripted(real_gateway: Gateway) -> Iterator[Scripted]:
    """Put a scripted Rasa behind the gateway that all channels use."""
    rasa, before = Scripted(), real_gateway.rasa
    real_gateway.rasa = rasa
    service.install(real_gateway)
    yield rasa
    real_gateway.rasa = before


@pytest.fixture
def gateway(real_gateway: Gateway) -> Gateway:
    """Return the real gateway, installed for all channels."""
    service.install(real_gateway)
    return real_gateway


DOWN = RasaUnavailable("down")
