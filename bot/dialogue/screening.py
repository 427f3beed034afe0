"""The screen inside Rasa: first in the pipeline, and once more last, since classifiers overwrite it.

Patients' messages were screened by the gateway before; this makes `rasa shell` and every other
way in as safe, and keeps a crisis from ever being taken for a question.
"""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.dialogue.shared import screen

CRISIS = "crisis"
ANSWERED_BY_SCREEN = ("emergency", "crisis", "check_in")
ComponentType = DefaultV1Recipe.ComponentType


class _Component(GraphComponent):
    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "_Component":
        """Create the component; it has nothing to load."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Read or enforce the verdict."""
        raise NotImplementedError


@DefaultV1Recipe.register(ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ScreenFirst(_Component):
    """Puts the screen's verdict on the message; the gateway's, when it came along."""

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `screening` ({"tier", "category"}) on each message."""
        for message in messages:
            given = message.get("metadata") or {}
            if given.get("tier"):
                verdict = {"tier": given["tier"], "category": given.get("category", "none")}
            else:
                read = screen().read(message.get(TEXT) or "")
                verdict = {"tier": read.tier.value, "category": read.category.value}
            message.set("screening", verdict, add_to_output=True)
        return messages


@DefaultV1Recipe.register(ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ScreenLast(_Component):
    """Makes a message that the screen answers a crisis, whatever was classified in between."""

    def process(self, messages: List[Message]) -> List[Message]:
        """Overwrite the intent where the verdict asks for it."""
        for message in messages:
            if (message.get("screening") or {}).get("tier") in ANSWERED_BY_SCREEN:
                message.set(INTENT, {"name": CRISIS, "confidence": 1.0}, add_to_output=True)
                message.set("intent_ranking", [{"name": CRISIS, "confidence": 1.0}], add_to_output=True)
        return messages
