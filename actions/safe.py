"""An action that cannot fail loudly: the action server would send the patient's words back and log them."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from typing import Any, Dict, List, Text

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot import logs
from bot.scheduling.texts import say
from bot.settings import get_settings

log = logging.getLogger(__name__)
Events = List[Dict[Text, Any]]


class SafeAction(Action, ABC):
    """Runs `act` in a thread, since it talks to the database; a fault is said in plain words."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> Events:
        """Return the events of `act`, or an apology and none."""
        logs.bind((tracker.latest_message.get("metadata") or {}).get("request"))
        started = time.perf_counter()
        try:
            return await sync_to_async(self._act, thread_sensitive=False)(dispatcher, tracker)
        except Exception as error:
            log.error("action failed", extra={"action": self.name(), "error": type(error).__name__})
            dispatcher.messages.clear()
            dispatcher.utter_message(text=say("down", phone=get_settings().clinic.phone), kind="handoff")
            return self.after_fault()
        finally:
            log.info("action", extra={"action": self.name(), "ms": round(1000 * (time.perf_counter() - started), 1)})

    @abstractmethod
    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Do the action's work and return its events."""

    def after_fault(self) -> Events:
        """Return the events that follow the apology."""
        return []

    def _act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        if not connection.in_atomic_block:
            close_old_connections()
        return self.act(dispatcher, tracker)
