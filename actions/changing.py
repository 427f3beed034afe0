"""Looks for another time of a visit that is booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Text

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking import calendar_file, none_found, said_of
from actions.patient import conversation_of, language_of, local_now, now
from actions.safe import Events, SafeAction
from bot.records import appointments, offers
from bot.records.appointments import SlotTaken
from bot.records.models import Appointment
from bot.records.visit_messages import when_of
from bot.records.visit_steps import move_visit
from bot.scheduling.choosing import choose, wants_others
from bot.scheduling.days import Days
from bot.scheduling.opening import picked_wrongly, speaks_of_booked
from bot.scheduling.shifts import at_same_time, read_shift, same_day, shifted
from bot.scheduling.texts import say
from bot.scheduling.wish import Clause, Wish
from bot.scheduling.wishes import read_wish
from bot.settings import get_settings


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
            dispatcher.utter_message(text=none_found(conversation), kind="booking")
            return []
        if (chosen := _chosen_instead(tracker, visit)) and _moved_to(dispatcher, visit, chosen):
            return [SlotSet("visit", {**tracker.get_slot("visit"), "start": chosen.isoformat()})]
        return start_change(dispatcher, tracker, visit, language_of(conversation, tracker))


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
    dispatcher.utter_message(text=said_of(visit, visit.conversation, True), kind="booking",
                             resources=calendar_file(visit, visit.conversation))
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
