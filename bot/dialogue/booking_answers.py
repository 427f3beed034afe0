"""Reads an answer to the booking's own question as one.

The gateway's channel says which slot the form asked for and what it offered.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Dict, List, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.scheduling.answering import answers
from bot.scheduling.reading import read_facts
from bot.scheduling.wishes import read_wish
from bot.settings import get_settings

_OF_A_VISIT = re.compile(
    r"\b(?:chang|cancel|resched|mov(?:e|ing)|postpon|late\b|miss|already|my (?:appointment|appt|visit))", re.I
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class BookingAnswers(GraphComponent):
    """Sets the intent `inform` where a message answers what the form has just asked."""

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "BookingAnswers":
        """Create the component; it has nothing to load."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Overwrite the intent where it fits; what was asked besides is kept as `also_asks`."""
        for message in messages:
            intent, text = message.get(INTENT) or {}, message.get(TEXT) or ""
            if not (message.get("metadata") or {}).get("requested_slot"):
                offers_it = any(answer.get("kind") == "booking" for answer in message.get("answers") or ())
                if (offers_it or _tells_all(text, intent.get("name"))) and not _OF_A_VISIT.search(text):
                    # where the answer is "you can book here", the booking itself is the better one
                    message.set(INTENT, {"name": "book_consultation", "confidence": 1.0}, add_to_output=True)
            elif answers_the_form(message):
                if intent.get("name") == "question" and "?" in text and message.get("answers"):
                    message.set("also_asks", True, add_to_output=True)
                message.set(INTENT, {"name": "inform", "confidence": 1.0}, add_to_output=True)
        return messages


def answers_the_form(message: Message) -> bool:
    """Return whether a message answers what a running form has just asked."""
    metadata, intent = message.get("metadata") or {}, message.get(INTENT) or {}
    clinic = get_settings().clinic
    offered = [datetime.fromisoformat(start) for start in metadata.get("offered_slots") or []]
    asked = metadata.get("requested_slot")
    return bool(asked) and answers(asked, message.get(TEXT) or "", intent.get("name"), intent.get("confidence", 0.0),
                                   datetime.now(clinic.zone), clinic.country, offered)


def _tells_all(text: Text, intent: Optional[Text]) -> bool:
    """Return whether a message names a time and how to reach its writer: that is a booking, whatever else it asks."""
    if intent not in ("question", "inform", "greet"):
        return False
    clinic = get_settings().clinic
    facts = read_facts(text, clinic.country)
    wish = read_wish(facts.rest, datetime.now(clinic.zone)) if facts.contact else None
    return wish is not None and bool(wish.any_of)
