"""Reads an answer to the booking's own question as one.

Understanding does not know what was asked: a bare "Sam" or "anytime" looks like small talk, and
"after 5" like nothing at all. The gateway's channel says which slot the form asked for.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.scheduling.wishes import Wish, read_wish

# What ends or leaves the booking, when understanding is sure of it.
LEAVES = frozenset({"stop_conversation", "cancel_booking", "talk_to_person", "start_over", "goodbye", "crisis",
                    "bot_challenge", "ask_privacy", "erase_data"})
SURE = 0.6
_ASKS = re.compile(r"\?|^(?:what|how|why|who|when|where|which|can|could|do|does|did|is|are|will|would|should)\b", re.I)
_CONTACT = re.compile(r"@|(?:\d\D?){7,}")
_PICK = re.compile(
    r"^\W*(?:#|no\.?|number|option)?\s*\d\W*$|\b(?:first|second|third|last|later|latest|earlier|earliest|one)\b", re.I)
_NAME = re.compile(
    r"^(?:(?:my name is|my name's|i'?m|i am|it'?s|this is|call me|me llamo|soy)\s+)?[^\W\d_][\w'’. -]{0,40}$", re.I)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class BookingAnswers(GraphComponent):
    """Sets the intent `inform` where a message answers what the form has just asked."""

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "BookingAnswers":
        """Create the component; it has nothing to load."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Overwrite the intent where it fits."""
        for message in messages:
            asked = (message.get("metadata") or {}).get("requested_slot")
            intent = message.get(INTENT) or {}
            if asked and answers(asked, message.get(TEXT) or "", intent.get("name"), intent.get("confidence", 0.0)):
                message.set(INTENT, {"name": "inform", "confidence": 1.0}, add_to_output=True)
        return messages


def answers(asked: Text, text: Text, intent: Text | None, confidence: float) -> bool:
    """Return whether a text answers the question for a slot, given what understanding took it for."""
    leaves = intent in LEAVES and confidence >= SURE
    if asked == "contact":
        return bool(_CONTACT.search(text))
    if asked == "first_name":
        return not leaves and not _ASKS.search(text) and len(text.split()) <= 5 and bool(_NAME.match(text.strip()))
    if asked in ("preferred_time", "chosen_slot"):
        if read_wish(text) != Wish() or (asked == "chosen_slot" and _PICK.search(text)):
            return intent != "crisis" and not (leaves and intent in ("cancel_booking", "stop_conversation"))
        return asked == "preferred_time" and not leaves and not _ASKS.search(text) and len(text.split()) <= 6
    return False
