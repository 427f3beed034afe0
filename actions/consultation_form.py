"""Reads each message of a booking: whatever it tells, asked for or not, fills the form's slots."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Dict, List, Text

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.patient import conversation_of, language_of, local_now, now, phone_of, zone_of
from actions.safe import Events, SafeAction
from bot.records import appointments, offers
from bot.records.appointments import SlotTaken
from bot.scheduling.choosing import choose, number_in, number_said, says_yes, wants_others
from bot.scheduling.names import read_name
from bot.scheduling.opening import changes_mind, is_for_grown_up, wants_soonest
from bot.scheduling.reading import Facts, gives_contact, named_service, read_facts
from bot.scheduling.shifts import read_shift, shifted
from bot.scheduling.texts import say
from bot.scheduling.wish import Wish, loosened, merge, wish_from
from bot.scheduling.wishes import read_wish, says_any_day, says_own_time
from bot.settings import get_settings

SLOTS = ("service", "preferred_time", "chosen_slot", "first_name", "contact")
# These are answered by rules of their own, and then the form goes on.
ELSEWHERE = frozenset({"question", "talk_to_person", "bot_challenge", "ask_privacy", "erase_data", "stop_conversation",
                       "start_over", "cancel_booking", "thank", "goodbye", "out_of_scope", "crisis", "join_waitlist"})
QUICK = ("any_morning", "any_afternoon", "first_free")
WISHES = {"any_morning": "any morning", "any_afternoon": "any afternoon", "first_free": "first one free"}


class ValidateConsultationForm(SafeAction):
    """Fills the form's slots from the patient's last message and says which one is asked for next."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "validate_consultation_form"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Return the slots that the message fills; none when it is not about the booking."""
        found: Dict[Text, Any] = {}
        if _is_fresh(tracker):
            found = Reading(dispatcher, tracker).slots()
        known = {name: found.get(name, tracker.get_slot(name)) for name in (*SLOTS, "refused", "waiting", "changing")}
        return [SlotSet(name, value) for name, value in found.items()] + [
            SlotSet("requested_slot", _next(known, bool(phone_of(tracker))))]

    def after_fault(self) -> Events:
        """End the form: its rule then says that the booking could not be finished."""
        return [SlotSet("requested_slot", None)]


class Reading:
    """What one message means for the booking."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self.dispatcher, self.tracker = dispatcher, tracker
        self.clinic = get_settings().clinic
        self.asked = tracker.get_slot("requested_slot") if tracker.active_loop.get("name") else None
        self.text = str(tracker.latest_message.get("text") or "")[:500]
        self.intent = (tracker.latest_message.get("intent") or {}).get("name")
        self.offered = [datetime.fromisoformat(start) for start in tracker.get_slot("offered_slots") or []]
        self.found: Dict[Text, Any] = {}

    def slots(self) -> Dict[Text, Any]:
        """Return the slots to set; empty when the message belongs to a rule."""
        tapped = next((entity["value"] for entity in self.tracker.latest_message.get("entities") or []
                       if entity.get("entity") == "slot_id"), None)
        if tapped:
            self._take(datetime.fromisoformat(tapped))
            return self.found
        if self.intent in ELSEWHERE:
            return {}
        facts = read_facts(self.text, self.clinic.country, self.asked)
        refused = facts.minor or self.tracker.get_slot("refused")
        if refused and self.clinic.treats_from >= 18 and not self._grown_up(facts):
            return {"refused": refused}
        if refused:
            self.found["refused"] = None
        if facts.contact:
            self.found["contact"] = facts.contact
        if facts.first_name:
            self.found["first_name"] = facts.first_name
        self._read_list()
        self._read_service()
        self._read_time(facts)
        if self.tracker.latest_message.get("also_asks") and (self.found or self.asked is None):
            self.dispatcher.utter_message(response="utter_question")
        if self.asked is None and self.tracker.get_slot("language") is None:
            self.found["language"] = language_of(conversation_of(self.tracker))
        if not self.found and self.asked:
            self.found[self.asked] = None  # it was meant as an answer and could not be read
            self.found["unread"] = (self.tracker.get_slot("unread") or 0) + 1
        elif self.found:
            self.found["unread"] = 0
        return self.found

    def _grown_up(self, facts: Facts) -> bool:
        """Return whether it is about somebody of age now: only where a child was refused, not a young writer."""
        before, own = self.tracker.get_slot("refused"), self.tracker.get_slot("changing")
        return not facts.minor and before == "child" and bool(own or is_for_grown_up(self.text))

    def _read_list(self) -> None:
        """Read "1, Sam, 555 010 0177": a choice and what the form asks for next, in one line."""
        match = re.match(r"\W*([1-9])\s*[,;.:]\s*(?P<rest>[^\d\s].*)", self.text)
        if self.asked != "chosen_slot" or match is None or int(match[1]) > len(self.offered):
            return
        self._take(self.offered[int(match[1]) - 1])
        name = read_name(read_facts(match["rest"], self.clinic.country).rest, bare=True)
        if name:
            self.found.setdefault("first_name", name)

    def _read_service(self) -> None:
        named = named_service(self.text, self.clinic.service_names())
        if self.asked == "service" and named is None:
            index = number_in(self.text, len(self.clinic.services))
            named = self.clinic.services[index].id if index is not None else None
        # who names the only one there is says nothing new, but nothing unreadable either
        if named and (len(self.clinic.services) > 1 or self.asked == "preferred_time"):
            self.found["service"] = named

    def _read_time(self, facts: Facts) -> None:
        """Read a choice among the offered times, or a wish for others."""
        if "chosen_slot" in self.found:
            return
        answered = self.asked == "first_name" and "first_name" in self.found
        if answered and len(self.text.split()) <= 3:
            return  # April and May are names
        brief = "contact" in self.found and len(facts.rest.split()) <= 3
        if self.asked == "contact" and (brief or gives_contact(self.text)):
            return
        if self.offered and self.asked in ("chosen_slot", "first_name", "contact") and self._choice(facts):
            return
        if (moved := self._moved()) is not None:
            self._look_again(moved, fallback=moved)
            return
        wish = self._wish(facts)
        if wish is None:
            return
        if self.asked == "first_name" and wish == Wish():
            return
        earlier = wish_from(self.tracker.get_slot("preferred_time"))
        merged = merge(earlier, wish) if self.tracker.get_slot("preferred_time") is not None else wish
        if wish == Wish():
            merged = loosened(earlier, says_any_day(facts.rest))
        self._look_again(merged.as_json(), fallback=wish.as_json())

    def _moved(self) -> Dict[Text, Any] | None:
        """Return the wish in "an hour later": than the time held, offered alone, or of the visit that is moved."""
        shift = read_shift(self.text) if self.asked else None
        if shift is None:
            return None
        held, conversation = self.tracker.get_slot("chosen_slot"), conversation_of(self.tracker)
        visit = appointments.booked(conversation) if conversation and self.tracker.get_slot("changing") else None
        known = datetime.fromisoformat(held) if held else self._obvious() or (visit.start if visit else None)
        return shifted(known, shift, self.clinic.zone).as_json() if known else None

    def _wish(self, facts: Facts) -> Wish | None:
        number = number_in(self.text, len(QUICK)) if self.asked == "preferred_time" else None
        text = WISHES[QUICK[number]] if number is not None else facts.rest
        wish = read_wish(text, local_now(), self.clinic.country not in ("US", "INT"), self._about())
        if wish is not None and wish.zone is None and says_own_time(facts.rest):
            own = zone_of(conversation_of(self.tracker))
            wish = replace(wish, zone=own.key if own else None)
        if wish is None and self.asked == "preferred_time" and (
                says_yes(self.text) or (self.tracker.get_slot("unread") or 0) >= 1):
            return Wish()  # asked twice, nothing to read: the first free times show what there is
        if wish == Wish() and self.asked is None:
            return wish if wants_soonest(facts.rest) else None
        if wish == Wish() and self.asked in ("contact", "first_name"):
            return None
        return wish

    def _about(self) -> date | None:
        """Return the day that is spoken of: of the time held, of those offered, or of the visit that is moved."""
        held, conversation = self.tracker.get_slot("chosen_slot"), conversation_of(self.tracker)
        visit = appointments.booked(conversation) if conversation and self.tracker.get_slot("changing") else None
        shown = self.offered[0] if self.offered else visit.start if visit else None
        known = datetime.fromisoformat(held) if held else shown
        return known.astimezone(self.clinic.zone).date() if known else None

    def _choice(self, facts: Facts) -> bool:
        """Return whether the text chose one of the offered times, or wanted to see others."""
        late = self.asked in ("first_name", "contact")
        if late and not changes_mind(self.text):
            return False
        number = number_said(facts.rest, local_now())
        if not late and number == len(self.offered) + 1:  # "Other times", the last button
            self._other("other")
            return True
        chosen = choose(facts.rest, self.offered, self.clinic.zone, local_now(), self._hour())
        if chosen is None and says_yes(self.text) and not late:
            chosen = self._obvious()
        if chosen is not None:
            self._take(chosen)
            return True
        direction = wants_others(facts.rest)
        wish = read_wish(facts.rest, local_now())
        if direction and (wish is None or wish == Wish()):
            self._other(direction)
            return True
        return False

    def _obvious(self) -> datetime | None:
        """Return the offered time that a mere "yes" means: the only one, or the one that was asked for."""
        hits = [start for start in self.offered if start.astimezone(self.clinic.zone).time() == self._hour()]
        return self.offered[0] if len(self.offered) == 1 else hits[0] if len(hits) == 1 else None

    def _hour(self) -> time | None:
        return wish_from(self.tracker.get_slot("preferred_time")).exact

    def _other(self, direction: Text) -> None:
        self.found.update({"chosen_slot": None, "direction": direction, "unread": 0})

    def _look_again(self, wish: Dict[Text, Any], fallback: Dict[Text, Any]) -> None:
        self.found.update({"preferred_time": wish, "latest_wish": fallback, "chosen_slot": None, "direction": None})
        if self.tracker.get_slot("chosen_slot"):
            conversation = conversation_of(self.tracker)
            if conversation:
                appointments.release(conversation)

    def _take(self, start: datetime) -> None:
        """Hold the chosen time; one that has gone meanwhile is said, and others are offered."""
        conversation = conversation_of(self.tracker)
        service = self.clinic.service(self.tracker.get_slot("service"))
        try:
            slot = offers.slot_at(self.clinic, service, start, now(), conversation)
            if slot is None:
                raise SlotTaken
            if conversation:
                appointments.hold(conversation, service, slot)
        except SlotTaken:
            self.dispatcher.utter_message(text=say("taken", language_of(conversation, self.tracker)), kind="booking")
            self.found.update({"chosen_slot": None, "offered_slots": None, "direction": None})
            return
        self.found.update({"chosen_slot": start.isoformat(), "direction": None})
        if self.tracker.get_slot("preferred_time") is None:
            self.found["preferred_time"] = Wish().as_json()


def _next(known: Dict[Text, Any], has_phone: bool) -> Text | None:
    """Return the slot to ask for; None ends the form."""
    if known["refused"]:
        return None
    wanted: List[Text] = ["service", "preferred_time", "chosen_slot", "first_name", "contact"]
    if len(get_settings().clinic.services) == 1:
        wanted.remove("service")
    if known["waiting"]:
        wanted.remove("chosen_slot")
    if has_phone:
        wanted.remove("contact")
    return next((name for name in wanted if known[name] is None), None)


def _is_fresh(tracker: Tracker) -> bool:
    """Return whether nothing was said since the patient's last message: else it was dealt with before."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return True
        if event.get("event") == "bot" or (
            event.get("event") == "action" and str(event.get("name")).startswith("utter_")
        ):
            return False
    return False
