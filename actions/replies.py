"""Short answers outside a booking: to a reminder, to a time that became free, to the waiting list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Dict, Text

from django.utils import timezone
from rasa_sdk import Tracker
from rasa_sdk.events import AllSlotsReset, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking import ActionCancelBooking, any_wish
from actions.changing import start_change
from actions.patient import conversation_of, language_of, now
from actions.safe import Events, SafeAction
from bot.records import appointments, waitlist
from bot.records.appointments import SlotTaken
from bot.records.models import Appointment, ContactRequest, Conversation, Reminder
from bot.records.visit_messages import when_of
from bot.records.visit_steps import change_contact, change_name, confirm_visit
from bot.scheduling.choosing import number_in
from bot.scheduling.names import corrects_name
from bot.scheduling.opening import leaves_list, says_cancel
from bot.scheduling.reading import read_facts, take_contact
from bot.scheduling.texts import say
from bot.settings import get_settings

ANSWERED_WITHIN = timedelta(days=8)
JUST_BOOKED = timedelta(minutes=30)


class ActionPickedNumber(SafeAction):
    """Reads a number that no form has asked for: "1 confirm, 2 change" under a reminder."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_picked_number"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Confirm, start a change, or say that it is not clear what is meant."""
        conversation = conversation_of(tracker)
        visit = reminded_visit(conversation)
        number = number_in(str(tracker.latest_message.get("text") or ""), 2)
        if visit is None or number is None:
            paused = offer_to_go_on(dispatcher, tracker)
            if not paused:
                dispatcher.utter_message(response="utter_nothing_to_answer")
            return paused
        language = language_of(conversation)
        if number == 1:
            return start_change(dispatcher, tracker, visit, language)
        confirm_visit(visit, now())
        dispatcher.utter_message(text=say("confirmed", language, when=when_of(visit)), kind="booking")
        return []


class ActionAffirm(SafeAction):
    """Reads a "yes" that no form has asked for; the rule answers it when nothing was open."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_affirm"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Take the time that became free, or confirm the visit of a reminder."""
        conversation = conversation_of(tracker)
        if _asked_to_go_on(tracker):
            return [FollowupAction("consultation_form")]
        said = _answer_to_yes(conversation) if conversation else None
        if said is None:
            return []
        dispatcher.utter_message(text=said, kind="booking")
        return [FollowupAction("action_listen")]


class ActionStop(SafeAction):
    """Answers "never mind" with what holds: nothing was booked, or a visit that stays; the rule says the rest."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_stop"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Cancel a visit that "cancel that" speaks of, or say that it stays."""
        conversation = conversation_of(tracker)
        if conversation is None:
            return []
        language, visit = language_of(conversation, tracker), appointments.booked(conversation)
        text, in_booking = str(tracker.latest_message.get("text") or ""), _left_the_form(tracker)
        if visit is not None and says_cancel(text, of_the_visit=in_booking):
            return [*ActionCancelBooking().act(dispatcher, tracker), FollowupAction("action_listen")]
        key = "stopped_booked" if visit is not None else "stopped" if in_booking else "stopped_plain"
        said = say(key, language, when=when_of(visit) if visit else "")
        dispatcher.utter_message(text=said, kind="booking" if visit else "small_talk")
        return [FollowupAction("action_listen")]


class ActionDetail(SafeAction):
    """Reads a detail that nobody has asked for: after an interruption it offers to go on with the booking."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_detail"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Correct name or contact of a visit just booked, or offer to go on with what was begun, never by itself."""
        conversation = conversation_of(tracker)
        visit = lately_booked(conversation)
        text = str(tracker.latest_message.get("text") or "")
        contact, rest = take_contact(text, get_settings().clinic.country)
        name, said = corrects_name(rest), []
        if visit is not None and name and name != visit.first_name:
            change_name(visit, name)
            said.append("name_changed")
        if visit is not None and contact and contact != visit.contact:
            change_contact(visit, contact)
            said.append("contact_changed")
        if visit is not None and said:
            values = {"name": name, "contact": contact, "when": when_of(visit)}
            for key in said:
                dispatcher.utter_message(text=say(key, visit.language, **values), kind="booking")
            return [FollowupAction("action_listen")]
        if visit is None and contact and _completes_request(conversation, contact, text):
            dispatcher.utter_message(response="utter_talk_to_person")
            return [FollowupAction("action_listen")]
        return offer_to_go_on(dispatcher, tracker)


def _completes_request(conversation: Conversation | None, contact: Text, text: Text) -> bool:
    """Return whether a contact was wanted for a call that the patient asked for before; then it is kept there."""
    known: Dict[Text, Any] = {"contact": contact}
    if name := read_facts(text, get_settings().clinic.country).first_name:
        known["first_name"] = name
    return ContactRequest.objects.filter(conversation=conversation, reason="call_back",
                                         state__in=("open", "tried")).update(**known) > 0


def offer_to_go_on(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Ask whether to go on with a booking that something interrupted; without one, say nothing."""
    if not any(tracker.get_slot(name) for name in ("preferred_time", "chosen_slot", "first_name")):
        return []
    language = language_of(conversation_of(tracker), tracker)
    dispatcher.utter_message(text=say("paused", language), kind="booking",
                             buttons=[{"title": say("go_on", language), "payload": "/book_consultation"}])
    return [FollowupAction("action_listen")]


def _asked_to_go_on(tracker: Tracker) -> bool:
    said = next((str(event.get("text")) for event in reversed(tracker.events) if event.get("event") == "bot"), "")
    return said in (say("paused", "en"), say("paused", "es"))


def _left_the_form(tracker: Tracker) -> bool:
    """Return whether the last message ended a booking that was going on."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("name") == "action_deactivate_loop":
            return True
    return False


def _answer_to_yes(conversation: Conversation) -> Text | None:
    language = language_of(conversation)
    offer = waitlist.open_offer(conversation)
    if offer is not None:
        try:
            return say("page_taken_by_you", language, when=when_of(waitlist.take(offer, now())))
        except SlotTaken:
            return say("page_gone", language)
    visit = reminded_visit(conversation)
    if visit is None:
        booked = lately_booked(conversation)
        return say("all_set", booked.language, when=when_of(booked)) if booked else None
    confirm_visit(visit, now())
    return say("confirmed", language, when=when_of(visit))


class ActionNoteRequest(SafeAction):
    """Puts a patient who wants a person on the desk's list of people to call or write to, once."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_note_request"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Keep what is known of how to reach them; nothing is said, the reply has been given."""
        conversation = conversation_of(tracker)
        if conversation is None:
            return []
        facts = read_facts(str(tracker.latest_message.get("text") or ""), get_settings().clinic.country)
        contact, name = facts.contact, (facts.first_name or "") if facts.contact else ""
        visit = appointments.booked(conversation)
        known = contact or conversation.phone or (visit.contact if visit else "")
        request, new = ContactRequest.objects.get_or_create(
            conversation=conversation, reason="call_back", state__in=("open", "tried"),
            defaults={"contact": known, "first_name": visit.first_name if visit else name, "reason": "call_back"})
        if not new and contact:
            ContactRequest.objects.filter(pk=request.pk).update(contact=contact)
        return []

    def after_fault(self) -> Events:
        """Say nothing more: the reply has been given, and staff are told by its alert."""
        return []


class ActionJoinWaitlist(SafeAction):
    """Puts a patient on the waiting list or takes them off; who has no visit yet is asked for name and contact."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_join_waitlist"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Join with what is known, or start the form for the rest."""
        conversation = conversation_of(tracker)
        if conversation is not None and leaves_list(str(tracker.latest_message.get("text") or "")):
            key = "waiting_off" if waitlist.leave(conversation) else "waiting_not"
            dispatcher.utter_message(text=say(key, language_of(conversation, tracker)), kind="booking")
            return []
        visit = appointments.booked(conversation) if conversation else None
        if visit is not None and conversation is not None and not tracker.active_loop.get("name"):
            language, clinic = language_of(conversation), get_settings().clinic
            waitlist.join(
                conversation, clinic.service(visit.service), any_wish(), visit.first_name, visit.contact, language
            )
            dispatcher.utter_message(text=say("waiting_earlier", language, when=when_of(visit)), kind="booking")
            return [AllSlotsReset()]
        wish = tracker.get_slot("preferred_time") or any_wish()
        return [SlotSet("waiting", True), SlotSet("preferred_time", wish), FollowupAction("consultation_form")]


def lately_booked(conversation: Conversation | None) -> Appointment | None:
    """Return the visit that was booked or moved in this chat in the last minutes."""
    if conversation is None:
        return None
    lately = appointments.upcoming(conversation).filter(settled_at__gt=timezone.now() - JUST_BOOKED)
    return lately.order_by("-settled_at").first()


def reminded_visit(conversation: Conversation | None) -> Appointment | None:
    """Return the visit that the patient was reminded of lately and has not confirmed."""
    if conversation is None:
        return None
    asked = Reminder.objects.filter(queued_at__gt=now() - ANSWERED_WITHIN).values("appointment_id")
    return appointments.upcoming(conversation).filter(pk__in=asked, confirmed_at=None).first()
