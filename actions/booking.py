"""Books the time that was chosen, changes and cancels."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Dict, List, Text

from rasa_sdk import Tracker
from rasa_sdk.events import AllSlotsReset, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.patient import conversation_of, language_of, local_now, now, phone_of
from actions.safe import Events, SafeAction
from bot.records import appointments, offers, waitlist
from bot.records.appointments import SlotTaken
from bot.records.models import Appointment, Conversation
from bot.records.visit_links import link_of
from bot.records.visit_messages import values_of, when_of
from bot.records.visit_steps import book_visit, cancel_visit, move_visit
from bot.scheduling.choosing import choose, wants_others
from bot.scheduling.days import Days
from bot.scheduling.opening import picked_wrongly, speaks_of_booked
from bot.scheduling.shifts import at_same_time, read_shift, same_day, shifted
from bot.scheduling.texts import say
from bot.scheduling.wish import Clause, Wish
from bot.scheduling.wishes import read_wish
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
        text = _said(visit, conversation, earlier is not None)
        dispatcher.utter_message(text=text, kind="booking", resources=_calendar_file(visit, conversation))
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


class ActionChangeBooking(SafeAction):
    """Looks for another time; the visit stays until one is chosen."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_change_booking"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Start the form anew with the name and contact that are known."""
        conversation = conversation_of(tracker)
        visit = appointments.booked(conversation) if conversation else None
        if visit is None and not speaks_of_booked(str(tracker.latest_message.get("text") or "")):
            return [FollowupAction("consultation_form")]  # "anything sooner?", and nothing is booked
        if visit is None:
            dispatcher.utter_message(text=_none_found(conversation), kind="booking")
            return []
        if (chosen := _chosen_instead(tracker, visit)) and _moved_to(dispatcher, visit, chosen):
            return [SlotSet("visit", {**tracker.get_slot("visit"), "start": chosen.isoformat()})]
        return start_change(dispatcher, tracker, visit, language_of(conversation, tracker))


class ActionMyVisit(SafeAction):
    """Says when the patient's visit is."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_my_visit"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Name date, time and place, or say that there is none here."""
        conversation = conversation_of(tracker)
        visit = appointments.booked(conversation) if conversation else None
        text = say("your_visit", visit.language, **values_of(visit)) if visit else _none_found(conversation)
        dispatcher.utter_message(text=text, kind="booking")
        return []


def _chosen_instead(tracker: Tracker, visit: Appointment) -> datetime | None:
    """Return the time that "oops, meant 3" means, said after the visit was booked from a list."""
    shown = [datetime.fromisoformat(start) for start in (tracker.get_slot("visit") or {}).get("shown") or []]
    text = str(tracker.latest_message.get("text") or "")
    chosen = choose(text, shown, get_settings().clinic.zone, local_now()) if picked_wrongly(text) else None
    return chosen if chosen != visit.start else None


def _moved_to(dispatcher: CollectingDispatcher, visit: Appointment, start: datetime) -> bool:
    """Move a visit at once to a time that was on its list, and say so; False when that has gone meanwhile."""
    clinic = get_settings().clinic
    try:
        slot = offers.slot_at(clinic, clinic.service(visit.service), start, now(), visit.conversation)
        if slot is None or visit.conversation is None:
            return False
        move_visit(clinic, visit, slot, chat=False)
    except SlotTaken:
        return False
    dispatcher.utter_message(text=_said(visit, visit.conversation, True), kind="booking",
                             resources=_calendar_file(visit, visit.conversation))
    return True


def start_change(dispatcher: CollectingDispatcher, tracker: Tracker, visit: Appointment, language: Text) -> Events:
    """Say that the visit stays meanwhile, and look for another time: the one that was named with it, or ask."""
    wish = other_time(str(tracker.latest_message.get("text") or ""), visit.start)
    wished = wish.as_json() if wish is not None and wish.any_of else None
    own_phone = visit.conversation is not None and visit.conversation.phone == visit.contact
    dispatcher.utter_message(text=say("keep", language, when=when_of(visit)), kind="booking")
    return [
        SlotSet("preferred_time", wished),
        SlotSet("changing", True),
        SlotSet("service", visit.service),
        SlotSet("first_name", visit.first_name),
        # The phone that the patient texts from is on record and has no place in the tracker.
        SlotSet("contact", None if own_phone else visit.contact),
        FollowupAction("consultation_form"),
    ]


def other_time(text: Text, start: datetime) -> Wish | None:
    """Return the time that a text wishes for in place of a known one: "an hour later", "same time on friday"."""
    zone = get_settings().clinic.zone
    shift = read_shift(text)
    if shift is not None:
        return shifted(start, shift, zone)
    direction, day = wants_others(text), start.astimezone(zone).date()
    if (within := same_day(text, start, zone)) is not None:
        return within
    wish = read_wish(text, local_now(), about=day)
    if wish is not None and wish.exact and not wish.names_days:  # "make it 3 instead"
        wish = replace(wish, any_of=tuple(Clause(Days(day, day), clause.hours) for clause in wish.any_of))
    if direction in ("earlier", "later") and (wish is None or not wish.any_of):
        days = Days(last=day - timedelta(days=1)) if direction == "earlier" else Days(first=day + timedelta(days=1))
        return Wish((Clause(days),))
    return at_same_time(text, wish, start, zone) if wish is not None else None


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
        dispatcher.utter_message(text=_none_found(conversation), kind="booking")
        return None
    return visits[0]


def _said(visit: Appointment, conversation: Conversation, moved: bool) -> Text:
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


def _calendar_file(visit: Appointment, conversation: Conversation) -> List[Dict[Text, Text]]:
    """Return the visit as a file for the patient's own calendar; a text message has the link to its page instead."""
    if conversation.channel == "sms":
        return []
    return [{"label": say("page_calendar", visit.language), "href": link_of(visit) + ".ics"}]


def _none_found(conversation: Conversation | None) -> Text:
    return say("none_found", language_of(conversation), phone=get_settings().clinic.phone)


def any_wish() -> Dict[Text, Any]:
    """Return a wish that every time fits, as the form keeps it."""
    return Wish().as_json()
