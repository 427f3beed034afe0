"""Rasa in this process, for the terminal: the trained model and the actions, without servers."""

from __future__ import annotations

import asyncio
import os
import warnings
from pathlib import Path
from typing import Any, Dict, Optional, Text

from bot.channels.rasa import RasaUnavailable, Turn
from bot.dialogue.archive import checked_archive
from bot.settings import get_settings
from bot.sums import AlteredFile


class NoModel(Exception):
    """There is no trained model yet."""


class LocalRasa:
    """The newest trained model, asked directly."""

    def __init__(self, models: Path) -> None:
        try:
            self._agent = _load(checked_archive(models, get_settings().env.var / "model-terminal"))
        except (FileNotFoundError, AlteredFile) as error:
            raise NoModel(f"no model to load: {error}") from None

    async def ask(self, turn: Turn, timeout: float) -> list[dict[str, Any]]:
        """Return Rasa's replies; raises `RasaUnavailable` after `timeout` seconds or on any fault."""
        from bot.dialogue.channel import answer

        try:
            return await asyncio.wait_for(
                answer(turn.as_json(), self._agent.handle_message, self._agent.tracker_store), timeout)
        except Exception as error:
            raise RasaUnavailable(type(error).__name__) from error


def _load(archive: Path) -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")
    from bot.dialogue import quiet, speed
    from bot.dialogue.environment import export

    export()
    quiet.install()
    import logging

    import rasa.utils.log_utils
    from rasa.core.agent import Agent
    from rasa.core.tracker_store import InMemoryTrackerStore
    from rasa.model import get_local_model

    speed.apply()
    rasa.utils.log_utils.configure_structlog(logging.CRITICAL)
    logging.getLogger().setLevel(logging.ERROR)
    from bot.dialogue.nlg import ClinicNLG

    agent = Agent.load(get_local_model(str(archive)), action_endpoint=InProcessActions())
    agent.tracker_store = InMemoryTrackerStore(agent.domain)
    agent.nlg = ClinicNLG(domain=agent.domain)
    if agent.processor is not None:
        agent.processor.tracker_store, agent.processor.nlg = agent.tracker_store, agent.nlg
    return agent


class InProcessActions:
    """Stands where Rasa expects the action server's address; the JSON round trip is kept."""

    url = "in-process"
    kwargs: Dict[Text, Any] = {}

    def __init__(self) -> None:
        from rasa_sdk.executor import ActionExecutor

        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, method: Text = "post", json: Optional[Dict[Text, Any]] = None, **kwargs: Any) -> Any:
        """Run an action and return what the action server would."""
        from rasa.utils.endpoints import ClientResponseError
        from rasa_sdk.interfaces import ActionExecutionRejection

        try:
            return await self._executor.run(json)
        except ActionExecutionRejection as error:
            body = f'{{"error": "rejected", "action_name": "{error.action_name}"}}'
            raise ClientResponseError(400, "rejected", body.encode()) from error
