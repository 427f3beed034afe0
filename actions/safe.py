"""An action that cannot fail loudly: the action server would send the patient's words back and log them."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Any, Dict, List, Text

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

log = logging.getLogger(__name__)
Events = List[Dict[Text, Any]]


class SafeAction(Action, ABC):
    """Runs `act` in a thread, since it talks to the database; a fault is said in plain words."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> Events:
        """Return the events of `act`, or an apology and none."""
        try:
            return await sync_to_async(self._act, thread_sensitive=False)(dispatcher, tracker)
        except Exception as error:
            log.error("Action %s failed: %s", self.name(), type(error).__name__)
            dispatcher.messages.clear()
            dispatcher.utter_message(response="utter_calendar_down")
            return []

    @abstractmethod
    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Do the action's work and return its events."""

    def _act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        close_old_connections()
        return self.act(dispatcher, tracker)
