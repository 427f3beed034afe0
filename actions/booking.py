"""Books the time that was chosen, cancels, and says when a visit is."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Text

from rasa_sdk import Tracker
from rasa_sdk.events import AllSlotsReset, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.patient import conversation_of, language_of, now, phone_of
from actions.safe import Events, SafeAction
from bot.records import appointments, offers, waitlist
from bot.records.appointments import SlotTaken
from bot.records.models import Appointment, Conversation
from bot.records.visit_links import link_of
from bot.records.visit_messages import values_of, when_of
from bot.records.visit_steps import book_visit, cancel_visit, move_visit
from bot.scheduling.texts import say
from bot.scheduling.wish import Wish
from bot.settings import get_settings

MOST_VISITS = 3  # that one patient may have ahead


class ActionBookConsultation(SafeAction):
    """Ends the booking: books, moves, puts on the waiting list, or says kindly why not."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_book_consultation"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Book and confirm in one message; a time that has gone meanwhile is said and others are offered.

        While the action server is down a form runs this with empty slots: then nothing is booked.
        """
        conversation = conversation_of(tracker)
        language, clinic = language_of(conversation, tracker), get_settings().clinic
        if refused := tracker.get_slot("refused"):
            key = "minor" if refused == "self" else "minor_parent"
            dispatcher.utter_message(text=say(key, language, phone=clinic.phone), kind="refer")
            return [*self._end(conversation), SlotSet("refused", refused)]  # asking again books nothing either
        name, contact = tracker.get_slot("first_name"), tracker.get_slot("contact") or phone_of(tracker)
        chosen, waits = tracker.get_slot("chosen_slot"), tracker.get_slot("waiting")
        if not (name and contact and (chosen or waits)):
            dispatcher.utter_message(text=say("could_not", language, phone=clinic.phone), kind="booking")
            return self._end(conversation)
        if conversation is None:  # `rasa shell` has no patient and no records
            dispatcher.utter_message(text=say("only_chat", language), kind="booking")
            return self._end(conversation)
        service = clinic.service(tracker.get_slot("service"))
        if waits:
            new = waitlist.join(
                conversation, service, tracker.get_slot("preferred_time") or {}, name, contact, language
            )
            dispatcher.utter_message(
                text=say("waiting" if new else "waiting_already", language, name=name), kind="booking"
            )
            return self._end(conversation)
        start = datetime.fromisoformat(chosen)
        earlier = appointments.booked(conversation) if tracker.get_slot("changing") else None
        try:
            slot = offers.slot_at(clinic, service, start, now(), conversation)
            if slot is None:
                raise SlotTaken
            if earlier is not None:
                move_visit(clinic, earlier, slot, chat=False)
                visit = earlier
            else:
                visit = book_visit(clinic, conversation, service, slot, name, contact, language)
        except SlotTaken:
            dispatcher.utter_message(text=say("taken", language), kind="booking")
            return [SlotSet("chosen_slot", None), SlotSet("offered_slots", None), FollowupAction("consultation_form")]
        text = said_of(visit, conversation, earlier is not None)
        dispatcher.utter_message(text=text, kind="booking", resources=calendar_file(visit, conversation))
        shown = {"start": visit.start.isoformat(), "shown": tracker.get_slot("offered_slots")}
        return [AllSlotsReset(), SlotSet("visit", shown)]

    def _end(self, conversation: Conversation | None) -> Events:
        if conversation:
            appointments.release(conversation)
        return [AllSlotsReset()]


class ActionForgetBooking(SafeAction):
    """Forgets the details of a booking that was given up, and lets go of what was held."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_forget_booking"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Empty the form's slots."""
        conversation = conversation_of(tracker)
        if conversation:
            appointments.release(conversation)
        return [AllSlotsReset(), SlotSet("visit", tracker.get_slot("visit"))]


class ActionCancelBooking(SafeAction):
    """Cancels the patient's next visit."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_cancel_booking"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Cancel and say so, or say that there is nothing to cancel here."""
        conversation = conversation_of(tracker)
        language, clinic = language_of(conversation, tracker), get_settings().clinic
        visit = which_visit(tracker, conversation, dispatcher, "/cancel_booking")
        if visit is None:
            return []
        cancel_visit(clinic, visit, chat=False)
        dispatcher.utter_message(
            text=say("cancelled", language, when=when_of(visit)), kind="booking",
            buttons=[{"title": say("book_another", language), "payload": "/book_consultation"}])
        return [SlotSet("visit", None)]


class ActionMyVisit(SafeAction):
    """Says when the patient's visit is."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_my_visit"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Name date, time and place, or say that there is none here."""
        conversation = conversation_of(tracker)
        visit = appointments.booked(conversation) if conversation else None
        text = say("your_visit", visit.language, **values_of(visit)) if visit else none_found(conversation)
        dispatcher.utter_message(text=text, kind="booking")
        return []


def which_visit(tracker: Tracker, conversation: Conversation | None, dispatcher: CollectingDispatcher,
                intent: Text) -> Appointment | None:
    """Return the visit that is meant; with several, ask by buttons; with none, say so."""
    language = language_of(conversation, tracker)
    visits = list(appointments.upcoming(conversation)[:MOST_VISITS]) if conversation else []
    tapped = next((entity["value"] for entity in tracker.latest_message.get("entities") or []
                   if entity.get("entity") == "slot_id"), None)
    if tapped:
        visits = [visit for visit in visits if visit.start.isoformat() == tapped]
    if len(visits) > 1:
        dispatcher.utter_message(
            text=say("cancel_which", language),
            kind="booking",
            buttons=[
                {"title": when_of(visit), "payload": f'{intent}{{"slot_id": "{visit.start.isoformat()}"}}'}
                for visit in visits
            ],
        )
        return None
    if not visits:
        dispatcher.utter_message(text=none_found(conversation), kind="booking")
        return None
    return visits[0]


def said_of(visit: Appointment, conversation: Conversation, moved: bool) -> Text:
    """Return the confirmation of a visit that was booked or moved."""
    language = visit.language
    values: Dict[Text, Any] = values_of(visit)
    if conversation.channel != "sms":
        values["clinic"] = get_settings().clinic.clinic
    reminders = ""
    if visit.reminders:
        by_text = "reminders_sms" if conversation.channel == "sms" else "reminders_phone"
        reminders = say("reminders_email" if "@" in visit.contact else by_text, language)
    key = (
        "moved"
        if moved
        else "to_confirm"
        if visit.to_confirm
        else "booked_sms"
        if conversation.channel == "sms"
        else "booked"
    )
    return say(key, language, reminders=reminders, **values)


def calendar_file(visit: Appointment, conversation: Conversation) -> List[Dict[Text, Text]]:
    """Return the visit as a file for the patient's own calendar; a text message has the link to its page instead."""
    if conversation.channel == "sms":
        return []
    return [{"label": say("page_calendar", visit.language), "href": link_of(visit) + ".ics"}]


def none_found(conversation: Conversation | None) -> Text:
    """Return what to say where no visit was booked in this chat."""
    return say("none_found", language_of(conversation), phone=get_settings().clinic.phone)


def any_wish() -> Dict[Text, Any]:
    """Return a wish that every time fits, as the form keeps it."""
    return Wish().as_json()
