"""Finds the days that a text names and puts a mark in their place.

Weekdays, weeks and months are the calendar's arithmetic; dates with a month or a distance
("December 3rd", "in two weeks", "dentro de 3 dias") are read by dateparser.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

import dateparser

from bot.scheduling.day_patterns import day_patterns
from bot.scheduling.vocabulary import month_numbers, weekday_numbers

EVERY_DAY: frozenset[int] = frozenset()
WEEKDAYS, WEEKEND = frozenset(range(5)), frozenset({5, 6})


class Unreadable(Exception):
    """A text names a day that there is not, or that is over."""


@dataclass(frozen=True)
class Days:
    """The days from `first` to `last` (both may be open) that are one of `weekdays` (all when empty)."""

    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] = EVERY_DAY
    # "tonight" says something of the hour too
    evening: bool = False

    def holds(self, day: date) -> bool:
        """Return whether a day is one of these."""
        return ((self.first is None or day >= self.first) and (self.last is None or day <= self.last)
                and (not self.weekdays or day.weekday() in self.weekdays))

    @property
    def is_weekly(self) -> bool:
        """Return whether only days of the week are named, and not which week."""
        return self.first is None and self.last is None


def mark_days(text: str, today: date, day_first: bool) -> tuple[str, list[Days]]:
    """Return a plain text with each day as `@d0@` …, and what they stand for; raises `Unreadable`."""
    return _Marker(today, day_first).mark(text)


class _Marker:
    def __init__(self, today: date, day_first: bool) -> None:
        self.today, self.found = today, list[Days]()
        self.order = "DMY" if day_first else "MDY"
        self.this_monday = today - timedelta(days=today.weekday())

    def mark(self, text: str) -> tuple[str, list[Days]]:
        for pattern, name in day_patterns():
            text = pattern.sub(self._put(getattr(self, name)), text)
        return text, self.found

    def _put(self, read: Callable[[re.Match[str]], Days | None]) -> Callable[[re.Match[str]], str]:
        def put(match: re.Match[str]) -> str:
            days = read(match)
            if days is None:
                return match[0]
            self.found.append(days)
            return f" @d{len(self.found) - 1}@ "
        return put

    # -- dates -------------------------------------------------------------------------------

    def past(self, match: re.Match[str]) -> Days:
        raise Unreadable

    def full_date(self, match: re.Match[str]) -> Days:
        """A date with its month, perhaps with its weekday, which then has to be right."""
        day = self._parsed(match["date"])
        named = match["weekday"]
        if named and weekday_numbers()[named] != day.weekday():
            raise Unreadable
        return Days(day, day)

    def from_to_in_month(self, match: re.Match[str]) -> Days:
        first = self._parsed(f"{match['month']} {match['from']}")
        last = first.replace(day=min(int(match["to"]), calendar.monthrange(first.year, first.month)[1]))
        return Days(first, last)

    def week_of(self, match: re.Match[str]) -> Days:
        if not re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", match["date"]):
            day = self._parsed(match["date"])
        else:
            day = self._parsed(_next_month_day(int(re.sub(r"\D", "", match["date"])), self.today))
        monday = day - timedelta(days=day.weekday())
        return Days(max(monday, self.today), monday + timedelta(days=6))

    def week_of_month(self, match: re.Match[str]) -> Days:
        """ "the first week of january": its first seven days; the last week: its last seven."""
        month = self._month_named(month_numbers()[match["month"]])
        last = calendar.monthrange(month.year, month.month)[1]
        places = {"1": 0, "f": 0, "p": 0, "2": 1, "s": 1, "3": 2, "t": 2, "4": 3}
        nth = match["nth"]
        first = last - 6 if nth in ("last", "ultima") else 1 + 7 * (3 if nth == "fourth" else places[nth[0]])
        return Days(max(month.replace(day=first), self.today), month.replace(day=min(first + 6, last)))

    def day_of_month(self, match: re.Match[str]) -> Days | None:
        number = int(match["number"])
        named = match["weekday"]
        for months in range(0, 13):
            year, month = divmod(self.today.year * 12 + self.today.month - 1 + months, 12)
            if number > calendar.monthrange(year, month + 1)[1]:
                continue
            day = date(year, month + 1, number)
            if day >= self.today and (not named or weekday_numbers()[named] == day.weekday()):
                return Days(day, day)
        raise Unreadable

    def distance(self, match: re.Match[str]) -> Days:
        """ "in two weeks", "10 days from now": a week is not meant to the day."""
        number = int(match["number"]) if match["number"].isdigit() else (2 if "c" in match["number"] else 1)
        if match["unit"].startswith(("week", "sem", "wk")):
            monday = self.this_monday + timedelta(weeks=number)
            return Days(monday, monday + timedelta(days=6))
        if match["unit"].startswith(("month", "mes")):
            return self._month_from_now(number)
        day = self.today + timedelta(days=number)
        return Days(day, day)

    def week_from(self, match: re.Match[str]) -> Days:
        start = match["start"]
        if start in weekday_numbers():
            day = self._coming(weekday_numbers()[start])
        else:
            day = self.today + timedelta(days=1 if start in ("tomorrow", "manana") else 0)
        day += timedelta(weeks=int(match["weeks"]) if (match["weeks"] or "").isdigit() else 1)
        return Days(day, day)

    def relative(self, match: re.Match[str]) -> Days:
        word = match[0]
        days = 1 if "tomorrow" in word or "manana" in word else 0
        days += "after tomorrow" in word or "pasado" in word
        day = self.today + timedelta(days=days)
        return Days(day, day, evening=word in ("tonight", "esta noche"))

    def next_day(self, match: re.Match[str]) -> Days | None:
        """ "tomorrow or the day after"."""
        before = self.found[-1] if self.found else Days()
        if before.last is None or before.first != before.last:
            return None
        day = before.last + timedelta(days=1)
        return Days(day, day)

    # -- weeks -------------------------------------------------------------------------------

    def week(self, match: re.Match[str]) -> Days:
        which = match["which"]
        weeks = 2 if "after" in which else 0 if which.startswith(("this", "esta")) or which in ("the week", "la semana") else 1
        first = self.this_monday + timedelta(weeks=weeks)
        part = match["part"] or ""
        if re.match(r"early|beginning|start|first|principio|comienzo|inicio", part):
            return Days(max(first, self.today), first + timedelta(days=1))
        if part.startswith(("mid", "middle", "mediad")):
            return Days(first + timedelta(days=1), first + timedelta(days=3))
        if re.match(r"late|end|fin|later|rest", part):
            later = first + timedelta(days=0 if part.startswith("rest") else 3)
            return Days(max(later, self.today), first + timedelta(days=6))
        return Days(max(first, self.today), first + timedelta(days=6))

    def weekend(self, match: re.Match[str]) -> Days:
        which = match["which"] or ""
        if not which:
            return Days(weekdays=WEEKEND)
        weeks = 1 if which.startswith(("next", "proximo", "following")) else 0
        saturday = self.this_monday + timedelta(weeks=weeks, days=5)
        return Days(saturday, saturday + timedelta(days=1))

    def weekdays(self, match: re.Match[str]) -> Days:
        return Days(weekdays=WEEKDAYS)

    def after_next(self, match: re.Match[str]) -> Days:
        day = self._of_week(weekday_numbers()[match["day"]], 2)
        return Days(day, day)

    def pointed(self, match: re.Match[str]) -> Days:
        """ "this friday", "next friday", "el viernes que viene"."""
        number = weekday_numbers()[match["day"]]
        which = (match["which"] or "") + (match["behind"] or "")
        # In Spanish, the coming one is meant; in English "next friday" is next week's.
        day = self._of_week(number, 1) if re.search(r"next|following", which) else self._coming(number)
        return Days(day, day)

    def weekday(self, match: re.Match[str]) -> Days | None:
        return Days(weekdays=frozenset({weekday_numbers()[match[0]]}))

    # -- months ------------------------------------------------------------------------------

    def month(self, match: re.Match[str]) -> Days | None:
        name, part = match["month"], match["part"] or ""
        if name == "may" and not re.search(r"\b(?:in|of|for|during|until|till|by|en|de) $", match.string[:match.start("month")]):
            return None  # it may be the verb
        return self._part_of_month(self._month_named(month_numbers()[name]), part)

    def named_month(self, match: re.Match[str]) -> Days:
        which = match["which"]
        months = 0 if re.match(r"this|the|este|de mes", which) else 1
        return self._part_of_month(self._month_from_now(months).first or self.today, match["part"] or "")

    def _month_named(self, month: int) -> date:
        """Return the first day of the month of this number that is now or comes next."""
        return date(self.today.year + (month < self.today.month), month, 1)

    def _part_of_month(self, first: date, part: str) -> Days:
        first = first.replace(day=1)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        if re.match(r"early|beginning|start|first|principio", part):
            last = first.replace(day=10)
        elif part.startswith(("mid", "middle", "mediad")):
            first, last = first.replace(day=10), first.replace(day=20)
        elif re.match(r"late|end|last|fin", part):
            first = first.replace(day=20)
        return Days(max(first, self.today), last)

    def _month_from_now(self, months: int) -> Days:
        year, month = divmod(self.today.year * 12 + self.today.month - 1 + months, 12)
        return Days(max(date(year, month + 1, 1), self.today),
                    date(year, month + 1, calendar.monthrange(year, month + 1)[1]))

    # -- helpers -----------------------------------------------------------------------------

    def _coming(self, weekday: int) -> date:
        """Return the next day of this name, today not counted."""
        return self.today + timedelta(days=(weekday - self.today.weekday() - 1) % 7 + 1)

    def _of_week(self, weekday: int, weeks: int) -> date:
        return self.this_monday + timedelta(weeks=weeks, days=weekday)

    def _parsed(self, words: str) -> date:
        found = _parse(words, datetime.combine(self.today, datetime.min.time()), self.order)
        if found is None:
            raise Unreadable
        if re.search(r"\d{4}|/\d\d$", words) is None and found < self.today:
            found = found.replace(year=found.year + 1)
        if found < self.today:
            raise Unreadable
        return found


def _next_month_day(number: int, today: date) -> str:
    """Return the next date with this number, as text; raises `Unreadable` for a 32nd."""
    for months in range(0, 13):
        year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
        if 1 <= number <= calendar.monthrange(year, month + 1)[1] and date(year, month + 1, number) >= today:
            return date(year, month + 1, number).isoformat()
    raise Unreadable


@lru_cache(maxsize=4096)
def _parse(words: str, now: datetime, order: str) -> date | None:
    found = dateparser.parse(words, languages=["en", "es"], settings={
        "RELATIVE_BASE": now, "PREFER_DATES_FROM": "future", "DATE_ORDER": order, "REQUIRE_PARTS": ["day", "month"]})
    return found.date() if found else None


def both(one: Days, other: Days) -> Days:
    """Return the days that are of both kinds: "tuesday" and "next week"."""
    first = max((day for day in (one.first, other.first) if day), default=None)
    last = min((day for day in (one.last, other.last) if day), default=None)
    weekdays = one.weekdays & other.weekdays if one.weekdays and other.weekdays else one.weekdays | other.weekdays
    return replace(one, first=first, last=last, weekdays=weekdays, evening=one.evening or other.evening)
