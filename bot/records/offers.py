"""Which times can be offered now: the clinic's hours against all that is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.db.models import Q

from bot.records.models import Conversation, Offered
from bot.scheduling.hours import Hours
from bot.scheduling.picking import fitting_days, pick
from bot.scheduling.slots import Busy, Offer, Person, Slot, Taken, slots_of_day
from bot.scheduling.wish import Clause, Wish
from bot.settings import Clinic, Service, StaffMember

OFFER_LASTS = timedelta(minutes=5)
LONGEST = timedelta(hours=12)  # no visit takes longer


def find_slots(clinic: Clinic, service: Service, wish: Wish, now: datetime, count: int = 3,
               conversation: Conversation | None = None) -> list[Slot]:
    """Return up to `count` free slots that suit, in order of time; near the hour that was named, if one was.

    What others are just deciding about is left out as long as there is something else.
    """
    near = _near(wish)
    others = _offered_to_others(now, conversation)
    for left_out in (others, []) if others else ([],):
        slots = _Days(clinic, service, now).slots(near, left_out)
        found = pick(fitting_days(slots, near, clinic.zone, count), near, clinic.zone, count)
        if len(found) == count:
            break
    return found


def all_slots(
    clinic: Clinic, service: Service, now: datetime, conversation: Conversation | None = None
) -> Iterator[Slot]:
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
        self._taken: dict[date, Taken] = {}

    def slots(self, wish: Wish, others: Sequence[Busy] = ()) -> Iterator[Slot]:
        """Yield the free slots of the days that may suit."""
        for number in range(self._offer.days_ahead + 1):
            day = self._today + timedelta(days=number)
            if _may_suit(wish, day):
                yield from self.of(day, others, 1 if wish.any_of and wish.names_days else 4)

    def of(self, day: date, others: Sequence[Busy] = (), ahead: int = 1) -> Iterator[Slot]:
        """Yield a day's free slots; what is taken is read for `ahead` days at once."""
        spans = self._clinic.spans(day)
        if not spans or not self._today <= day <= self._today + timedelta(days=self._offer.days_ahead):
            return
        if day not in self._taken:
            start = datetime.combine(day, time(0), self._clinic.zone)
            found = busy(self._now, start, start + timedelta(days=ahead), self._own)
            taken = Taken([*found, *others])
            self._taken.update({day + timedelta(days=number): taken for number in range(ahead)})
        yield from slots_of_day(self._offer, spans, day, self._taken[day], self._now)


def offer_of(clinic: Clinic, service: Service) -> Offer:
    """Return what can be offered for a service."""
    by_id = {member.id: member for member in clinic.staff}
    people = tuple(_person(clinic, by_id[id]) for id in service.staff)
    return Offer(service.minutes, service.lead_hours, service.days_ahead, service.rooms, people, service.buffer_minutes)


def busy(now: datetime, start: datetime, end: datetime, own: int | None = None) -> list[Busy]:
    """Return what is taken between two times: visits, holds, blocks and the staff's own calendars.

    What the conversation `own` holds itself is not counted. One statement, written out: built anew
    by the ORM, three of them take longer than all the rest of an offer.
    """
    at = connection.ops.adapt_datetimefield_value
    # The lower bound on a visit's start lets the index find the day; without it half the table is read.
    with connection.cursor() as cursor:
        cursor.execute(_BUSY, [at(start - LONGEST), at(end), at(start), at(now), own or 0,
                               at(end), at(start), at(end), at(start)])
        return [Busy(_moment(first), _moment(last), room, staff) for first, last, room, staff in cursor.fetchall()]


_BUSY = """
SELECT v.start, v."end", v.room, v.staff FROM records_appointment v
 WHERE v.start > %s AND v.start < %s AND v."end" > %s
   AND (v.state = 'booked' OR (v.state = 'held' AND v.held_until > %s AND COALESCE(v.conversation_id, 0) <> %s))
UNION ALL SELECT b.start, b."end", b.room, b.staff FROM records_block b WHERE b.start < %s AND b."end" > %s
UNION ALL SELECT e.start, e."end", '', e.staff FROM records_externalbusy e WHERE e.start < %s AND e."end" > %s"""


def _moment(value: datetime | str) -> datetime:
    """Return a time as PostgreSQL gives it, or SQLite, which keeps UTC without saying so."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _offered_to_others(now: datetime, conversation: Conversation | None) -> list[Busy]:
    rows = Offered.objects.filter(until__gt=now)
    if conversation:
        rows = rows.exclude(conversation=conversation)
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
