"""Which times can be offered now: the clinic's hours against all that is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db.models import Q

from bot.records.models import Appointment, Block, Conversation, ExternalBusy, Offered
from bot.scheduling.picking import fitting_days, pick
from bot.scheduling.slots import Busy, Offer, Person, Slot, Taken, slots_of_day
from bot.scheduling.wishes import Clause, Hours, Wish
from bot.settings import Clinic, Service, StaffMember

OFFER_LASTS = timedelta(minutes=5)
LONGEST = timedelta(hours=12)  # no visit takes longer


def find_slots(clinic: Clinic, service: Service, wish: Wish, now: datetime, count: int = 3,
               conversation: Conversation | None = None) -> list[Slot]:
    """Return up to `count` free slots that suit, in order of time; near the hour that was named, if one was.

    What others are just deciding about is left out as long as there is something else.
    """
    near, days = _near(wish), _Days(clinic, service, now)
    others = _offered_to_others(now, conversation)
    found = pick(fitting_days(days.slots(near, others), near, clinic.zone, count), near, clinic.zone, count)
    if len(found) < count and others:
        found = pick(fitting_days(days.slots(near), near, clinic.zone, count), near, clinic.zone, count)
    return found


def all_slots(clinic: Clinic, service: Service, now: datetime, conversation: Conversation | None = None) -> Iterator[Slot]:
    """Yield every free slot of a service from now on, in order of time; without what others are deciding about."""
    return _Days(clinic, service, now).slots(Wish(), _offered_to_others(now, conversation))


def slot_at(clinic: Clinic, service: Service, start: datetime, now: datetime,
            conversation: Conversation | None = None) -> Slot | None:
    """Return the free slot at a start, or None; a time that the patient holds counts as free to them."""
    own = conversation.pk if conversation else None
    day = start.astimezone(clinic.zone).date()
    return next((slot for slot in _Days(clinic, service, now, own).of(day) if slot.start == start), None)


class _Days:
    """A service's free slots day by day; what is taken is read for the days that are looked at, and once."""

    def __init__(self, clinic: Clinic, service: Service, now: datetime, own: int | None = None) -> None:
        self._clinic, self._now, self._own = clinic, now, own
        self._offer = offer_of(clinic, service)
        self._today = now.astimezone(clinic.zone).date()
        self._busy: dict[date, list[Busy]] = {}

    def slots(self, wish: Wish, others: Sequence[Busy] = ()) -> Iterator[Slot]:
        """Yield the free slots of the days that may suit."""
        for number in range(self._offer.days_ahead + 1):
            day = self._today + timedelta(days=number)
            if _may_suit(wish, day):
                yield from self.of(day, others)

    def of(self, day: date, others: Sequence[Busy] = ()) -> Iterator[Slot]:
        """Yield a day's free slots."""
        spans = self._clinic.spans(day)
        if not spans or not self._today <= day <= self._today + timedelta(days=self._offer.days_ahead):
            return
        if day not in self._busy:
            margin = timedelta(minutes=self._offer.buffer)
            self._busy[day] = busy(self._now, spans[0][0] - margin, spans[-1][1] + margin, self._own)
        yield from slots_of_day(self._offer, spans, day, Taken([*self._busy[day], *others]), self._now)


def offer_of(clinic: Clinic, service: Service) -> Offer:
    """Return what can be offered for a service."""
    by_id = {member.id: member for member in clinic.staff}
    people = tuple(_person(clinic, by_id[id]) for id in service.staff)
    return Offer(service.minutes, service.lead_hours, service.days_ahead, service.rooms, people, service.buffer_minutes)


def busy(now: datetime, start: datetime, end: datetime, own: int | None = None) -> list[Busy]:
    """Return what is taken between two times: visits, holds, blocks and the staff's own calendars.

    What the conversation `own` holds itself is not counted.
    """
    # The lower bound on `start` lets the index find the day; without it half the table is read.
    visits = Appointment.objects.filter(end__gt=start, start__gt=start - LONGEST, start__lt=end).filter(
        Q(state="booked") | Q(state="held", held_until__gt=now))
    if own is not None:
        visits = visits.exclude(state="held", conversation_id=own)
    found = [Busy(*row) for row in visits.values_list("start", "end", "room", "staff")]
    found += [Busy(*row) for row in Block.objects.filter(end__gt=start, start__lt=end)
              .values_list("start", "end", "room", "staff")]
    return found + [Busy(first, last, "", staff) for first, last, staff in
                    ExternalBusy.objects.filter(end__gt=start, start__lt=end).values_list("start", "end", "staff")]


def _offered_to_others(now: datetime, conversation: Conversation | None) -> list[Busy]:
    rows = Offered.objects.filter(until__gt=now).exclude(conversation_id=conversation.pk if conversation else None)
    return [Busy(*row) for row in rows.values_list("start", "end", "room", "staff")]


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
