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
from bot.scheduling.choosing import choose
from bot.scheduling.names import corrects_name
from bot.scheduling.opening import (
    asks_for_change,
    asks_for_others_visit,
    asks_for_own_visit,
    asks_for_person,
    asks_for_person_now,
    asks_for_visit,
    asks_when_it_is,
    changes_mind,
    gives_up_visit,
    joins_list,
    leaves_list,
    names_time,
    only_asks,
    picked_wrongly,
    says_book,
    says_cancel,
    speaks_of_booked,
    wishes_otherwise,
)
from bot.scheduling.reading import corrects_contact, take_contact, uses_contact
from bot.scheduling.wishes import read_wish
from bot.settings import get_settings

# What a message is easily taken for that asks for a visit in passing, or for another time of one.
_MAY_ASK = frozenset({"question", "inform", "greet", "affirm", "deny", "small_talk", "out_of_scope", "thank",
                      "ask_more", "ask_my_visit", "nlu_fallback", "choose_option", "book_consultation",
                      "change_booking", "start_over", "goodbye", "stop_conversation"})
# These act on visits of the same chat only, whoever they are for.
_OF_A_VISIT = frozenset({"ask_my_visit", "change_booking", "cancel_booking"})


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
            name, metadata = str(intent.get("name")), message.get("metadata") or {}
            if name == "crisis":
                continue
            if name == "cancel_booking" and only_asks(text):  # how to is said with when it is; nothing is given up
                message.set(INTENT, {"name": "ask_my_visit", "confidence": 1.0}, add_to_output=True)
                continue
            wanted = _whatever_was_asked(text, bool(metadata.get("requested_slot")))
            if wanted is None and not metadata.get("requested_slot"):
                known = _of_known_visit(text, metadata["visit"]) if metadata.get("visit") else None
                again = metadata.get("refused") and names_time(text, datetime.now(get_settings().clinic.zone))
                wanted = known or ("book_consultation" if again else _wanted(message, text, name))
            elif wanted is None and answers_the_form(message):
                if name == "question" and _asks_besides(text) and message.get("answers"):
                    message.set("also_asks", True, add_to_output=True)
                wanted = "inform"
            if wanted:
                message.set(INTENT, {"name": wanted, "confidence": 1.0}, add_to_output=True)
        return messages


def _whatever_was_asked(text: Text, asked: bool) -> Optional[Text]:
    """Return the intent of a message that leaves no doubt about it, in a booking and outside of one."""
    if leaves_list(text) or joins_list(text):
        return "join_waitlist"
    now = datetime.now(get_settings().clinic.zone)
    if asked and says_cancel(text, of_the_visit=True) and gives_up_visit(text, now):
        return "cancel_booking"  # "none of those either, just cancel the whole thing"
    return "talk_to_person" if asks_for_person_now(text) else None


def _of_known_visit(text: Text, visit: Dict[Text, Any]) -> Optional[Text]:
    """Return the intent of a message about the visit booked in this chat: moved, given up, put right, asked for."""
    clinic = get_settings().clinic
    now, shown = datetime.now(clinic.zone), [datetime.fromisoformat(start) for start in visit.get("shown") or []]
    contact, rest = take_contact(text, clinic.country)
    if contact is not None and "?" not in text and (len(rest.split()) <= 6 or changes_mind(text) or uses_contact(text)):
        return "inform"
    if asks_for_others_visit(text):
        return None
    if gives_up_visit(text, now):
        return "cancel_booking"
    if wishes_otherwise(rest, now) or (picked_wrongly(text) and choose(rest, shown, clinic.zone, now)):
        return "change_booking"
    if asks_when_it_is(text):
        return "ask_my_visit"
    return "inform" if corrects_name(rest) else None


def answers_the_form(message: Message) -> bool:
    """Return whether a message answers what a running form has just asked."""
    metadata, intent = message.get("metadata") or {}, message.get(INTENT) or {}
    clinic = get_settings().clinic
    offered = [datetime.fromisoformat(start) for start in metadata.get("offered_slots") or []]
    asked = metadata.get("requested_slot")
    return bool(asked) and answers(asked, message.get(TEXT) or "", intent.get("name"), intent.get("confidence", 0.0),
                                   datetime.now(clinic.zone), clinic.country, offered, clinic.service_names())


def _asks_besides(text: Text) -> bool:
    """Return whether a question in the text is more than a time that is wished for ("friday after 12?")."""
    now = datetime.now(get_settings().clinic.zone)
    questions = [part for part in re.findall(r"[^.!?]*\?", text) if part.strip(" ?")]
    return any((wish := read_wish(part, now)) is None or not wish.any_of for part in questions)


def _wanted(message: Message, text: Text, intent: Text) -> Optional[Text]:
    """Return the booking intent of a message that asks for a visit, or for another time of one, or None."""
    answers_found = message.get("answers") or ()
    if intent == "crisis":
        return None
    if asks_for_others_visit(text):
        return None if intent in _OF_A_VISIT or answers_found else "out_of_scope"
    if corrects_contact(text, get_settings().clinic.country):
        return "talk_to_person" if asks_for_person(text) else "inform"
    if asks_for_own_visit(text):
        return "ask_my_visit"
    now = datetime.now(get_settings().clinic.zone)
    if intent == "talk_to_person" and asks_for_visit(text, now) and (not asks_for_person(text) or says_book(text)):
        return "book_consultation"  # misspelt, or somebody to talk to is whom the visit is with
    if intent not in _MAY_ASK or any(answer.get("kind") == "crisis" for answer in answers_found):
        return None
    if asks_for_change(text):
        return "change_booking"
    if speaks_of_booked(text):
        return None
    # where the answer is "you can book here", the booking itself is the better one
    offers_it = any(answer.get("kind") == "booking" for answer in answers_found)
    wants = offers_it or asks_for_visit(text, now) or _tells_all(text, intent)
    return "book_consultation" if wants else None


def _tells_all(text: Text, intent: Optional[Text]) -> bool:
    """Return whether a message names a time and how to reach its writer, or a day and asks nothing: a booking."""
    if intent not in ("question", "inform", "greet"):
        return False
    clinic = get_settings().clinic
    contact, rest = take_contact(text, clinic.country)
    wish = read_wish(rest, datetime.now(clinic.zone)) if contact or (intent != "question" and "?" not in text) else None
    return wish is not None and (bool(wish.any_of) if contact else wish.names_days)
