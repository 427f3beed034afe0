"""Reads what a patient answers to the booking's questions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Dict, List, Text

import phonenumbers
from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.scheduling.choosing import choose
from bot.scheduling.wishes import Wish, read_wish
from bot.settings import get_settings

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_NAME = re.compile(r"(?:my name is|i'?m|i am|it'?s|this is|me llamo|soy|call me)\s+", re.IGNORECASE)


class ValidateConsultationForm(FormValidationAction):
    """Checks each slot of the consultation form."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "validate_consultation_form"

    async def required_slots(self, domain_slots: List[Text], dispatcher: CollectingDispatcher, tracker: Tracker,
                             domain: Dict[Text, Any]) -> List[Text]:
        """Ask for no contact on SMS: the phone is known."""
        if is_texting(tracker):
            return [slot for slot in domain_slots if slot != "contact"]
        return domain_slots

    def validate_preferred_time(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker,
                                domain: Dict[Text, Any]) -> Dict[Text, Any]:
        """Accept any wish: one that says nothing about time is met with the first free slots."""
        return {"preferred_time": str(value)[:200]}

    def validate_chosen_slot(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker,
                             domain: Dict[Text, Any]) -> Dict[Text, Any]:
        """Find the offered time that is meant; another wish gets other offers."""
        offered = [datetime.fromisoformat(start) for start in tracker.get_slot("offered_slots") or []]
        text = str(value)
        if any(start.isoformat() == text for start in offered):
            return {"chosen_slot": text}
        chosen = choose(text, offered, get_settings().clinic.zone)
        if chosen is not None:
            return {"chosen_slot": chosen.isoformat()}
        if read_wish(text) != Wish():
            return {"chosen_slot": None, "preferred_time": text[:200]}
        return {"chosen_slot": None}

    def validate_first_name(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker,
                            domain: Dict[Text, Any]) -> Dict[Text, Any]:
        """Keep a first name of letters."""
        name = _NAME.sub("", str(value)).strip(" .,!").split("\n")[0]
        words = name.split()
        if not words or len(words) > 4 or not all(re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?", w) for w in words):
            dispatcher.utter_message(response="utter_ask_first_name")
            return {"first_name": None}
        return {"first_name": words[0][:40].title() if words[0].islower() else words[0][:40]}

    def validate_contact(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker,
                         domain: Dict[Text, Any]) -> Dict[Text, Any]:
        """Keep a phone number (E.164) or an e-mail address."""
        contact = read_contact(str(value), get_settings().clinic.country)
        return {"contact": contact}


def read_contact(text: str, country: str) -> str | None:
    """Return the first e-mail address or phone number (E.164) in a text, or None."""
    if match := _EMAIL.search(text):
        return match[0].rstrip(".,;")
    region = "US" if country == "INT" else country
    for found in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE):
        return str(phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164))
    return None


def is_texting(tracker: Tracker) -> bool:
    """Return whether the patient writes from a phone, whose number is on record and never in the tracker."""
    for event in reversed(tracker.events):
        if event.get("event") == "user" and (event.get("metadata") or {}).get("channel"):
            return bool(event["metadata"]["channel"] == "sms")
    return False
