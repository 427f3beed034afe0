"""What the form asks for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Text

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.consultation_form import QUICK
from actions.patient import conversation_of, language_of, now, zone_of
from actions.safe import Events, SafeAction
from bot.records import calendar_health, offers
from bot.records.models import Conversation
from bot.scheduling.choosing import day_in_words, in_words
from bot.scheduling.hours import Hours
from bot.scheduling.picking import fitting_days, pick
from bot.scheduling.slots import Slot
from bot.scheduling.texts import say
from bot.scheduling.wish import Clause, Wish, wish_from
from bot.settings import Service, get_settings


class ActionAskService(SafeAction):
    """Asks what the visit is for, where the clinic offers more than one thing."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_ask_service"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Show the services as buttons."""
        language = language_of(conversation_of(tracker), tracker)
        buttons = [
            {"title": service.names.get(language, service.name), "payload": service.names.get(language, service.name)}
            for service in get_settings().clinic.services
        ]
        dispatcher.utter_message(text=say("ask_service", language), buttons=buttons, kind="booking")
        return []


class ActionAskPreferredTime(SafeAction):
    """Asks for days or times."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_ask_preferred_time"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Ask, with three quick answers."""
        conversation = conversation_of(tracker)
        language = language_of(conversation, tracker)
        service = get_settings().clinic.service(tracker.get_slot("service"))
        first = "ask_time_change" if tracker.get_slot("changing") else "ask_time"
        key = "ask_time_again" if tracker.get_slot("unread") else first
        buttons = [{"title": say(quick, language), "payload": say(quick, language)} for quick in QUICK]
        dispatcher.utter_message(
            text=say(key, language, service=service.name_in(language)), buttons=buttons, kind="booking", input="day"
        )
        return []


class ActionAskFirstName(SafeAction):
    """Asks for a first name."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_ask_first_name"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Say which time is held, and ask."""
        conversation = conversation_of(tracker)
        language, again = language_of(conversation, tracker), tracker.get_slot("unread")
        text = say("ask_name_again" if again else "ask_name", language)
        chosen = tracker.get_slot("chosen_slot")
        if chosen and not again and conversation:
            when = in_words(datetime.fromisoformat(chosen), get_settings().clinic.zone, language, zone_of(conversation))
            text = say("held", language, when=when, minutes=10) + " " + text
        dispatcher.utter_message(text=text, kind="booking", input="name")
        return []


class ActionAskContact(SafeAction):
    """Asks how to reach the patient."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_ask_contact"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Ask."""
        key = "ask_contact_again" if tracker.get_slot("unread") else "ask_contact"
        text = say(key, language_of(conversation_of(tracker), tracker))
        dispatcher.utter_message(text=text, kind="booking", input="contact")
        return []


class ActionAskChosenSlot(SafeAction):
    """Offers three real times."""

    def name(self) -> Text:
        """Return the action's name in the domain."""
        return "action_ask_chosen_slot"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Say the times that suit, as buttons, and remember their order."""
        clinic, at = get_settings().clinic, now()
        conversation = conversation_of(tracker)
        language, own = language_of(conversation, tracker), zone_of(conversation)
        service = clinic.service(tracker.get_slot("service"))
        wish = wish_from(tracker.get_slot("preferred_time"))
        slots, key = _search(tracker, conversation, service, wish, at)
        if not slots:
            dispatcher.utter_message(
                text=say("nothing_free", language, phone=clinic.phone), kind="booking",
                buttons=[{"title": say("join_waitlist", language), "payload": "/join_waitlist"}])
            return [FollowupAction("action_deactivate_loop")]
        if calendar_health.is_down(clinic, service):
            key = "offer_to_confirm"
        if conversation:
            offers.note_offered(conversation, slots, at)
        shown = [in_words(slot.start, clinic.zone, language, own) for slot in slots]
        buttons = [{"title": words, "payload": choose_payload(slot)} for words, slot in zip(shown, slots)]
        buttons.append({"title": say("none_of_these", language), "payload": say("none_of_these", language)})
        exact = _exact(slots, wish, shown)
        if exact and key == "offer":
            key = "offer_exact"
        until = day_in_words(_until(service, at), language)
        text = say(key, language, time=exact, until=until, phone=clinic.phone)
        dispatcher.utter_message(text=text, buttons=buttons, kind="booking")
        starts = [slot.start.isoformat() for slot in slots]
        seen = list(dict.fromkeys([*(tracker.get_slot("seen_slots") or []), *starts]))[-30:]
        return [SlotSet("offered_slots", starts), SlotSet("seen_slots", seen), SlotSet("direction", None)]


def _search(tracker: Tracker, conversation: Conversation | None, service: Service, wish: Wish,
            at: datetime) -> tuple[list[Slot], Text]:
    """Return the slots to show and the key of the words that go with them."""
    clinic = get_settings().clinic
    direction, offered = tracker.get_slot("direction"), tracker.get_slot("offered_slots") or []
    if direction and offered:
        found = _others(conversation, service, wish, at, direction, tracker)
        return (found, f"offer_{direction}") if found else (_unseen(conversation, service, wish, at, tracker),
                                                            "offer_no_more")
    slots = offers.find_slots(clinic, service, wish, at, conversation=conversation)
    if slots:
        again = [slot.start.isoformat() for slot in slots] == offered and tracker.get_slot("unread")
        return slots, "offer_again" if again else "offer_one" if len(slots) == 1 else "offer"
    if _too_late(wish, service, at):
        return offers.find_slots(clinic, service, Wish(), at, conversation=conversation), "offer_too_late"
    latest = wish_from(tracker.get_slot("latest_wish"))
    for other in (latest, *_relaxed(wish), Wish()):
        slots = offers.find_slots(clinic, service, other, at, conversation=conversation)
        if slots:
            break
    return slots, "offer" if slots and other == latest and latest != Wish() else "offer_none_then"


def _others(conversation: Conversation | None, service: Service, wish: Wish, at: datetime, direction: Text,
            tracker: Tracker) -> list[Slot]:
    """Return times later or earlier than those shown, or such as were not shown yet."""
    clinic = get_settings().clinic
    shown = [datetime.fromisoformat(start) for start in tracker.get_slot("offered_slots")]
    seen = set(tracker.get_slot("seen_slots") or [])
    free = [slot for slot in offers.all_slots(clinic, service, at, conversation)
            if wish.fits(slot.start, clinic.zone) or direction != "other"]
    if direction == "later":
        later = [slot for slot in free if slot.start > max(shown) and not _refused(wish, slot)]
        same_day = [slot for slot in later if _day(slot.start) == _day(max(shown))]
        return (same_day + [slot for slot in later if slot not in same_day])[:3]
    if direction == "earlier":
        earlier = [slot for slot in free if slot.start < min(shown) and not _refused(wish, slot)]
        return earlier[-3:] if earlier else []
    return [slot for slot in free if slot.start.isoformat() not in seen][:3]


def _unseen(conversation: Conversation | None, service: Service, wish: Wish, at: datetime,
            tracker: Tracker) -> list[Slot]:
    """Return times of any kind that were not shown yet, or when all were, the first again."""
    clinic, seen = get_settings().clinic, set(tracker.get_slot("seen_slots") or [])
    anything = Wish(none_of=wish.none_of)
    fresh = (slot for slot in offers.all_slots(clinic, service, at, conversation) if slot.start.isoformat() not in seen)
    return (pick(fitting_days(fresh, anything, clinic.zone), anything, clinic.zone)
            or offers.find_slots(clinic, service, anything, at, conversation=conversation))


def _too_late(wish: Wish, service: Service, at: datetime) -> bool:
    """Return whether a wish is only for days that cannot be booked yet."""
    return bool(wish.any_of) and all(clause.days.first is not None and clause.days.first > _until(service, at)
                                     for clause in wish.any_of)


def _until(service: Service, at: datetime) -> date:
    return at.astimezone(get_settings().clinic.zone).date() + timedelta(days=service.days_ahead)


def _refused(wish: Wish, slot: Slot) -> bool:
    return not Wish(none_of=wish.none_of, zone=wish.zone).fits(slot.start, get_settings().clinic.zone)


def _day(start: datetime) -> Any:
    return start.astimezone(get_settings().clinic.zone).date()


def _relaxed(wish: Wish) -> list[Wish]:
    """Return wishes that ask for less: the same days at any hour, then the same hours on any day."""
    days = tuple(Clause(clause.days) for clause in wish.any_of)
    hours = tuple(
        dict.fromkeys(Clause(hours=Hours(clause.hours.earliest, clause.hours.latest)) for clause in wish.any_of)
    )
    return [Wish(days, wish.none_of, wish.zone), Wish(hours, wish.none_of, wish.zone), Wish(none_of=wish.none_of)]


def _exact(slots: list[Slot], wish: Wish, shown: list[Text]) -> Text | None:
    """Return in words the slot that was asked for by its hour, if it is among these."""
    zone = get_settings().clinic.zone
    return next((words for words, slot in zip(shown, slots) if wish.exact is not None
                 and wish.at(slot.start, zone) == wish.exact and wish.fits(slot.start, zone)), None)


def choose_payload(slot: Slot) -> Text:
    """Return what a button that stands for a slot sends."""
    return f'/choose_option{{"slot_id": "{slot.start.isoformat()}"}}'
