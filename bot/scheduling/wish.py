"""What a patient wishes of a visit's time, as clauses of days and hours."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from bot.scheduling.days import Days, both
from bot.scheduling.hours import END, START, Hours


@dataclass(frozen=True)
class Clause:
    """Some days and some hours: one of the ways in which a wish is met."""

    days: Days = field(default=Days())
    hours: Hours = field(default=Hours())
    hours_first: bool = field(default=False, compare=False)   # "after 3 on tuesday or thursday" goes for both

    def holds(self, local: datetime) -> bool:
        """Return whether a local start is on these days at these hours."""
        return self.days.holds(local.date()) and self.hours.earliest <= local.time() <= self.hours.latest


@dataclass(frozen=True)
class Wish:
    """Met by a start that one of `any_of` holds (every start when empty) and none of `none_of`."""

    any_of: tuple[Clause, ...] = ()
    none_of: tuple[Clause, ...] = ()
    zone: str | None = None   # the patient's, where one was named

    def fits(self, start: datetime, zone: ZoneInfo) -> bool:
        """Return whether a start (any zone) suits, read in the clinic's zone unless another was named."""
        local = start.astimezone(_zone(self.zone) if self.zone else zone)
        return ((not self.any_of or any(clause.holds(local) for clause in self.any_of))
                and not any(clause.holds(local) for clause in self.none_of))

    @property
    def exact(self) -> time | None:
        """The one hour that was named, if there is one."""
        hours = {clause.hours.exact for clause in self.any_of}
        return hours.pop() if len(hours) == 1 else None

    @property
    def names_days(self) -> bool:
        """Whether days are named, and not only hours."""
        return any(clause.days != Days() for clause in self.any_of)

    @property
    def is_weekly(self) -> bool:
        """Whether days of the week are named and not which week, so that the coming one is meant first."""
        return bool(self.any_of) and all(c.days.weekdays and c.days.is_weekly for c in self.any_of)

    def at(self, start: datetime, zone: ZoneInfo) -> time:
        """Return a start's clock time in the zone that the wish speaks of, the clinic's unless another was named."""
        return start.astimezone(_zone(self.zone) if self.zone else zone).time()

    def as_json(self) -> dict[str, Any]:
        """Return the wish in a form that a slot can keep."""
        return {"any": [_pack(clause) for clause in self.any_of], "none": [_pack(clause) for clause in self.none_of],
                "zone": self.zone}


def wish_from(data: dict[str, Any] | None) -> Wish:
    """Return the wish that `as_json` has packed."""
    data = data or {}
    return Wish(tuple(map(_unpack, data.get("any", []))), tuple(map(_unpack, data.get("none", []))), data.get("zone"))


def merge(earlier: Wish, later: Wish) -> Wish:
    """Return a wish that adds to one said before: what it names anew counts, the rest stays.

    "Tuesday", then "after 3": Tuesday after 3. "Mornings", then "thursday": Thursday mornings.
    """
    none_of = tuple(dict.fromkeys(earlier.none_of + later.none_of))
    zone = later.zone or earlier.zone
    if not later.any_of:
        return Wish(earlier.any_of, none_of, zone) if later.none_of else Wish((), (), zone)
    names_days = any(clause.days != Days() for clause in later.any_of)
    names_hours = any(clause.hours != Hours() for clause in later.any_of)
    if not earlier.any_of:
        return Wish(later.any_of, none_of, zone)
    if names_days and names_hours:
        return Wish(tuple(dict.fromkeys(replace(new, days=_days(new, old)) for new in later.any_of
                                        for old in earlier.any_of)), none_of, zone)
    joined = [Clause(_days(new, old) if names_days else old.days, new.hours if names_hours else old.hours)
              for new in later.any_of for old in earlier.any_of]
    return Wish(tuple(dict.fromkeys(joined)), none_of, zone)


def loosened(earlier: Wish, any_day: bool) -> Wish:
    """Return what is left of a wish after "any time" (its days), or after "any day" (its hours)."""
    left = (Clause(hours=clause.hours) if any_day else Clause(clause.days) for clause in earlier.any_of)
    kept = tuple(dict.fromkeys(left))
    return Wish(() if Clause() in kept else kept, earlier.none_of, earlier.zone)


def _days(new: Clause, old: Clause) -> Days:
    # "next week", then "tuesday": of that week
    if new.days.is_weekly and not old.days.is_weekly and not old.days.weekdays and old.days.first != old.days.last:
        return both(new.days, old.days)
    return new.days


def _pack(clause: Clause) -> dict[str, Any]:
    flat = asdict(clause)
    days, hours = flat["days"], flat["hours"]
    return {"first": _text(days["first"]), "last": _text(days["last"]), "weekdays": sorted(days["weekdays"]),
            "earliest": _text(hours["earliest"]), "latest": _text(hours["latest"]), "exact": _text(hours["exact"])}


def _text(value: Any) -> str | None:
    return value.isoformat() if value is not None else None


def _unpack(flat: dict[str, Any]) -> Clause:
    def day(name: str) -> date | None:
        return date.fromisoformat(flat[name]) if flat.get(name) else None

    exact = flat.get("exact")
    return Clause(Days(day("first"), day("last"), frozenset(flat.get("weekdays", []))),
                  Hours(time.fromisoformat(flat.get("earliest") or START.isoformat()),
                        time.fromisoformat(flat.get("latest") or END.isoformat()),
                        time.fromisoformat(exact) if exact else None))


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
