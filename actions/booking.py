"""Offers times, books one, changes and cancels."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Text

from django.utils import timezone
from rasa_sdk import Tracker
from rasa_sdk.events import AllSlotsReset, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.safe import Events, SafeAction
from bot.records import appointments
from bot.records.appointments import SlotTaken
from bot.records.models import Conversation
from bot.scheduling.choosing import in_words
from bot.scheduling.slots import Slot
from bot.scheduling.wishes import Wish, read_wish
from bot.settings import get_settings

FORGET = ("preferred_time", "chosen_slot", "first_name", "contact", "offered_slots", "changing")


class ActionAskChosenSlot(SafeAction):
    """Offers three real times."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_ask_chosen_slot"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Say the times that suit, as buttons, and remember their order."""
        clinic = get_settings().clinic
        service, now = clinic.services[0], timezone.now()
        wish = read_wish(tracker.get_slot("preferred_time") or "")
        slots = appointments.find_slots(clinic, service, wish, now)
        lead = "These times are free. Which one suits you?"
        if not slots and wish != Wish():
            slots = appointments.find_slots(clinic, service, Wish(), now)
            lead = "I found nothing free then. These times are free: which one suits you, or what else may I look for?"
        if not slots:
            dispatcher.utter_message(text=f"I found no free time in the next weeks. Please call {clinic.phone}, "
                                          "or ask here for a person.", kind="handoff")
            return [FollowupAction("action_deactivate_loop")]
        elif tracker.get_slot("offered_slots") == [slot.start.isoformat() for slot in slots]:
            lead = "Which of these times suits you? You can say a number, or another day or time."
        buttons = [{"title": in_words(slot.start, clinic.zone), "payload": _choose(slot)} for slot in slots]
        dispatcher.utter_message(text=lead, buttons=buttons, kind="booking")
        return [SlotSet("offered_slots", [slot.start.isoformat() for slot in slots])]


class ActionBookConsultation(SafeAction):
    """Books the time that was chosen."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_book_consultation"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Book and confirm in one message; a time that has gone meanwhile is said and others are offered.

        While the action server is down a form runs this with empty slots: then nothing is booked.
        """
        clinic = get_settings().clinic
        service = clinic.services[0]
        conversation = conversation_of(tracker)
        contact = tracker.get_slot("contact") or (conversation.phone if conversation else None)
        chosen, name = tracker.get_slot("chosen_slot"), tracker.get_slot("first_name")
        if not (chosen and name and contact):
            dispatcher.utter_message(text=f"I could not finish the booking. Please call {clinic.phone}, or say "
                                          "\"book\" to start again.", kind="booking")
            return _forget()
        if conversation is None:  # `rasa shell` has no patient and no records
            dispatcher.utter_message(text="Bookings can only be made through the clinic's chat.", kind="booking")
            return _forget()
        start = datetime.fromisoformat(chosen)
        slot = next((slot for slot in appointments.find_slots(clinic, service, Wish(), timezone.now(), count=10_000)
                     if slot.start == start), None)
        earlier = appointments.booked(conversation) if tracker.get_slot("changing") else None
        try:
            if slot is None:
                raise SlotTaken
            appointments.book(conversation, service, slot, name, contact)
            if earlier is not None:
                appointments.cancel(earlier)
        except SlotTaken:
            dispatcher.utter_message(text="I'm sorry, that time has just been taken.", kind="booking")
            return [SlotSet("chosen_slot", None), SlotSet("offered_slots", None),
                    FollowupAction("consultation_form")]
        dispatcher.utter_message(
            text=f"You're booked, {name}: {service.name.lower()} at {clinic.clinic} on "
                 f"{in_words(start, clinic.zone)}. If something comes up, write \"change\" or \"cancel my visit\" "
                 f"here, or call {clinic.phone}.", kind="booking")
        return _forget()


class ActionForgetBooking(SafeAction):
    """Forgets the details of a booking that was given up."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_forget_booking"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Empty the form's slots."""
        return [AllSlotsReset()]


class ActionCancelBooking(SafeAction):
    """Cancels the patient's next visit."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_cancel_booking"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Cancel and say so, or say that there is nothing to cancel here."""
        visit = _visit(tracker)
        if visit is None:
            dispatcher.utter_message(text=_none_found(), kind="booking")
            return []
        appointments.cancel(visit)
        dispatcher.utter_message(
            text=f"Your visit on {in_words(visit.start, get_settings().clinic.zone)} is cancelled. You can book "
                 "another time whenever you like.", kind="booking",
            buttons=[{"title": "Book another time", "payload": "/book_consultation"}])
        return []


class ActionChangeBooking(SafeAction):
    """Looks for another time; the visit stays until one is chosen."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_change_booking"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Start the form anew with the name and contact that are known."""
        visit = _visit(tracker)
        if visit is None:
            dispatcher.utter_message(text=_none_found(), kind="booking")
            return []
        dispatcher.utter_message(
            text=f"Your visit on {in_words(visit.start, get_settings().clinic.zone)} stays yours until you have "
                 "chosen another time.", kind="booking")
        contact = None if _is_own_phone(visit) else visit.contact
        return [SlotSet("changing", True), SlotSet("first_name", visit.first_name), SlotSet("contact", contact),
                FollowupAction("consultation_form")]


def conversation_of(tracker: Tracker) -> Conversation | None:
    """Return the conversation on record that Rasa's tracker belongs to."""
    return Conversation.objects.filter(case=tracker.sender_id).first()


def _visit(tracker: Tracker) -> Any:
    conversation = conversation_of(tracker)
    return appointments.booked(conversation) if conversation else None


def _is_own_phone(visit: Any) -> bool:
    """Return whether the contact is the phone that the patient texts from, which has no place in the tracker."""
    return bool(visit.conversation and visit.conversation.phone == visit.contact)


def _none_found() -> str:
    return ("I can't find a visit that was booked in this chat. For a visit booked another way, please call "
            f"{get_settings().clinic.phone}.")


def _forget() -> Events:
    return [SlotSet(name, None) for name in FORGET]


def _choose(slot: Slot) -> str:
    return f'/choose_option{{"slot_id": "{slot.start.isoformat()}"}}'
