"""Which times can be offered now: the clinic's hours against all that is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db.models import Q

from bot.records.models import Appointment, Block, Conversation, ExternalBusy, Offered
from bot.scheduling.picking import fitting_days, pick
from bot.scheduling.slots import Busy, Offer, Person, Slot, free_slots
from bot.scheduling.wishes import Clause, Hours, Wish
from bot.settings import Clinic, Service, StaffMember

OFFER_LASTS = timedelta(minutes=5)
# Rows are read by these many days, since most people take one of the next.
STRETCH = 21


def find_slots(clinic: Clinic, service: Service, wish: Wish, now: datetime, count: int = 3,
               conversation: Conversation | None = None) -> list[Slot]:
    """Return up to `count` free slots that suit, in order of time; near the hour that was named, if one was.

    What others are just deciding about is left out as long as there is something else.
    """
    near = _near(wish)
    for polite in (True, False):
        slots = all_slots(clinic, service, now, near, conversation if polite else None, polite)
        found = pick(fitting_days(slots, near, clinic.zone), near, clinic.zone, count)
        if found and (len(found) == count or not polite):
            return found
        if not found and not polite:
            return []
    return found


def all_slots(clinic: Clinic, service: Service, now: datetime, wish: Wish | None = None,
              conversation: Conversation | None = None, polite: bool = False) -> Iterator[Slot]:
    """Yield every free slot of a service from now on, in order of time."""
    offer = offer_of(clinic, service)
    last = now + timedelta(days=service.days_ahead + 1)
    start = now
    own = conversation.pk if conversation else None
    while start < last:
        end = min(last, start + timedelta(days=STRETCH))
        first_day, last_day = start.astimezone(clinic.zone).date(), end.astimezone(clinic.zone).date()
        part = replace(offer, days_ahead=(last_day - now.astimezone(clinic.zone).date()).days - (end < last))

        def suits_day(day: date, first: date = first_day) -> bool:
            return day >= first and (wish is None or _may_suit(wish, day))

        yield from free_slots(part, clinic.spans, clinic.zone, busy(now, start - timedelta(days=1), end, own, polite),
                              now, suits_day)
        start = end


def slot_at(clinic: Clinic, service: Service, start: datetime, now: datetime,
            conversation: Conversation | None = None) -> Slot | None:
    """Return the free slot at a start, or None; a time that the patient holds counts as free to them."""
    day = start.astimezone(clinic.zone).date()
    own = conversation.pk if conversation else None
    offer = offer_of(clinic, service)
    taken = busy(now, start - timedelta(days=1), start + timedelta(days=1), own, held_by_own=False)
    return next((slot for slot in free_slots(offer, clinic.spans, clinic.zone, taken, now, lambda d: d == day)
                 if slot.start == start), None)


def offer_of(clinic: Clinic, service: Service) -> Offer:
    """Return what can be offered for a service."""
    by_id = {member.id: member for member in clinic.staff}
    people = tuple(_person(clinic, by_id[id]) for id in service.staff)
    return Offer(service.minutes, service.lead_hours, service.days_ahead, service.rooms, people, service.buffer_minutes)


def busy(now: datetime, start: datetime, end: datetime, own: int | None = None, polite: bool = False,
         held_by_own: bool = True) -> list[Busy]:
    """Return what is taken between two times: visits, holds, blocks and the staff's own calendars.

    With `polite`, also what is offered to others than the conversation `own`.
    """
    visits = Appointment.objects.filter(end__gt=start, start__lt=end).filter(
        Q(state="booked") | Q(state="held", held_until__gt=now))
    if not held_by_own and own is not None:
        visits = visits.exclude(state="held", conversation_id=own)
    found = [Busy(*row) for row in visits.values_list("start", "end", "room", "staff")]
    found += [Busy(*row) for row in Block.objects.filter(end__gt=start, start__lt=end)
              .values_list("start", "end", "room", "staff")]
    found += [Busy(first, last, "", staff) for first, last, staff in
              ExternalBusy.objects.filter(end__gt=start, start__lt=end).values_list("start", "end", "staff")]
    if polite:
        found += [Busy(*row) for row in Offered.objects.filter(until__gt=now, end__gt=start, start__lt=end)
                  .exclude(conversation_id=own).values_list("start", "end", "room", "staff")]
    return found


def note_offered(conversation: Conversation, slots: list[Slot], now: datetime) -> None:
    """Remember for a few minutes what is shown to someone who decides, in place of what was shown before."""
    Offered.objects.filter(Q(conversation=conversation) | Q(until__lt=now)).delete()
    Offered.objects.bulk_create([Offered(conversation=conversation, room=slot.room, staff=slot.staff, start=slot.start,
                                         end=slot.end, until=now + OFFER_LASTS) for slot in slots])


def _person(clinic: Clinic, member: StaffMember) -> Person:
    return Person(member.id, None if member.hours is None else lambda day: clinic.spans_of(member, day))


def _near(wish: Wish) -> Wish:
    """Return a wish that also lets in what is within two hours of an hour that was named."""
    exact = wish.exact
    if exact is None:
        return wish
    minutes = exact.hour * 60 + exact.minute
    around = Hours(_clock(minutes - 120), _clock(minutes + 120), exact)
    return replace(wish, any_of=tuple(Clause(clause.days, around) for clause in wish.any_of))


def _clock(minutes: int) -> time:
    minutes = min(max(minutes, 0), 23 * 60 + 59)
    return time(minutes // 60, minutes % 60)


def _may_suit(wish: Wish, day: date) -> bool:
    # A patient's own zone may shift the day by one.
    if wish.zone:
        return True
    return not wish.any_of or any(clause.days.holds(day) for clause in wish.any_of)
