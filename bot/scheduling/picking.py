"""Which few of the free times are offered?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.scheduling.slots import Slot
from bot.scheduling.wish import Wish

DAYS_LOOKED_AT = 3  # with a free slot that suits; nobody wants to hear of the thirtieth


def fitting_days(slots: Iterable[Slot], wish: Wish, zone: ZoneInfo, count: int = 3) -> dict[date, list[Slot]]:
    """Return the slots that suit by day: of the first few days that have any, and at least `count` in all."""
    found: dict[date, list[Slot]] = {}
    for slot in slots:
        if wish.fits(slot.start, zone):
            day = slot.start.astimezone(zone).date()
            if day not in found and len(found) >= DAYS_LOOKED_AT and sum(map(len, found.values())) >= count:
                break
            found.setdefault(day, []).append(slot)
    return found


def pick(days: dict[date, list[Slot]], wish: Wish, zone: ZoneInfo, count: int = 3) -> list[Slot]:
    """Return up to `count` slots in order of time: near the hour that was named, else spread so that there is a choice.

    Who names days of the week means the coming ones; for anyone else a different day each.
    """
    if wish.exact is not None:
        # what was asked for comes first, then what is nearest to it
        near = sorted((slot for slots in days.values() for slot in slots), key=lambda slot: _distance(slot, wish, zone))
        # "tuesday or wednesday at 11": the nearest of each day that was named, then the rest
        named = len({clause.days for clause in wish.any_of})
        best = [min(slots, key=lambda slot: _distance(slot, wish, zone)) for slots in list(days.values())[:named]]
        return ([*best, *(slot for slot in near if slot not in best)] if named > 1 else near)[:count]
    wanted = list(days.values())
    near_days = wanted[:len(_weekdays(wish))] if wish.is_weekly else wanted[:count]
    chosen: list[Slot] = []
    for number, slots in enumerate(near_days):
        share = count // len(near_days) + (number < count % len(near_days))
        alone = share == 1
        chosen += [_staggered(slots, number, wish)] if alone else spread(slots, share)
    rest = (slot for slots in wanted for slot in slots if slot not in chosen)
    for slot in rest:
        if len(chosen) >= count:
            break
        chosen.append(slot)
    return sorted(chosen, key=lambda slot: slot.start)


def spread(slots: Sequence[Slot], count: int) -> list[Slot]:
    """Return `count` of the slots, the first and the last among them, evenly apart."""
    if len(slots) <= count:
        return list(slots)
    if count == 1:
        return [slots[0]]
    return [slots[round(index * (len(slots) - 1) / (count - 1))] for index in range(count)]


def _staggered(slots: Sequence[Slot], number: int, wish: Wish) -> Slot:
    """Return a day's first slot for who wants any; for others, later ones on later days."""
    return slots[0] if not wish.any_of else slots[min(len(slots) - 1, round(number * (len(slots) - 1) / 2))]


def _weekdays(wish: Wish) -> frozenset[int]:
    return frozenset().union(*(clause.days.weekdays for clause in wish.any_of))


def _distance(slot: Slot, wish: Wish, zone: ZoneInfo) -> tuple[float, datetime]:
    at, exact = wish.at(slot.start, zone), wish.exact or wish.at(slot.start, zone)
    hours = abs((at.hour * 60 + at.minute) - (exact.hour * 60 + exact.minute)) / 60
    # Two hours off on the right day are as good as a day later at the right hour.
    return hours / 2 + (slot.start.astimezone(zone).date() - date(2000, 1, 1)).days, slot.start
