"""Cuts a text whose days and hours are marked into clauses: what suits, and what does not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from functools import lru_cache

from bot.scheduling.days import Days, both
from bot.scheduling.hours import END, Hours
from bot.scheduling.vocabulary import words
from bot.scheduling.wish import Clause

MARK = re.compile(r"@([dh])(\d+)@")
_OR = re.compile(r"\b(?:or|and|nor|ni|o|y|u|but|pero|also|plus|&)\b|[,;/.!&+]|\bpreferably\b")


def clauses_of(marked: str, days: list[Days], hours: list[Hours]) -> tuple[list[Clause], list[Clause]]:
    """Return what suits and what does not: the text is cut at "or", and what a piece lacks its neighbour lends."""
    wanted: list[Clause] = []
    refused: list[Clause] = []
    pieces = _pieces(marked, days, hours)
    for index, (clause, no) in enumerate(pieces):
        if no:
            refused.append(clause)
            continue
        if _frames(clause, pieces[index + 1:]):
            continue
        lent = _lend(clause, pieces, index)
        if clause.days == Days() and wanted and wanted[-1].days != Days():
            lent = replace(clause, days=wanted[-1].days)  # with the week that was lent to these in turn
        wanted.append(lent)
    wanted = [clause for clause in wanted if clause != Clause()]
    # "any day but friday at 3": hours that stand alone hold for what was said with days
    return list(dict.fromkeys(wanted)), list(dict.fromkeys(refused))


def _frames(clause: Clause, following: list[tuple[Clause, bool]]) -> bool:
    """Return whether a clause only names the week that the next ones are of: "next week, tuesday or wednesday"."""
    days = clause.days
    return (clause.hours == Hours() and not days.weekdays and not days.is_weekly and days.first != days.last
            and bool(following) and not following[0][1] and following[0][0].days.is_weekly
            and bool(following[0][0].days.weekdays))


def _pieces(marked: str, days: list[Days], hours: list[Hours]) -> list[tuple[Clause, bool]]:
    found: list[tuple[Clause, bool]] = []
    negated = False
    cut = re.split(rf"({_OR.pattern})", marked)
    for index, piece in enumerate(cut):
        if not piece or _OR.fullmatch(piece.strip() or "x"):
            # "not tuesday, wednesday or friday" refuses all three, "not tuesday, wednesday" one
            lists_on = any(link and link.strip() in ("or", "and", "nor", "o", "y", "ni") for link in cut[index + 1:])
            if piece and (piece.strip() in ("but", "pero", ";", ".", "!") or (piece.strip() == "," and not lists_on)):
                negated = False
            continue
        marks = list(MARK.finditer(piece))
        if not marks:
            if found and _NOT_AFTER().match(piece.strip()):  # "tuesday, no"
                found[-1] = (found[-1][0], True)
            elif re.search(rf"\b(?:{words()['not_before']})\s*$", piece.strip()):
                negated = True
            continue
        lead, tail = piece[:marks[0].start()], piece[marks[-1].end():]
        negated = _no_before(lead) or (negated and not _wants(lead) and not _wants(tail))
        start = 0
        group: list[re.Match[str]] = []
        for mark in marks:
            if group and (_no_before(piece[start:mark.start()]) or (
                    mark[1] == "d" and any(m[1] == "d" for m in group) and not _joins(days, group, mark))
                    or (mark[1] == "h" and any(m[1] == "h" for m in group) and not _narrows(hours, group, mark))):
                found.append((_clause(group, days, hours), negated))
                negated = _no_before(piece[start:mark.start()])
                group = []
            group.append(mark)
            start = mark.end()
        no = negated or bool(_NOT_AFTER().match(piece[start:].strip()))
        found.append((_clause(group, days, hours), no))
        negated = no
    return found


def _joins(days: list[Days], group: list[re.Match[str]], mark: re.Match[str]) -> bool:
    """Return whether two days are one: a weekday and the week it is of."""
    earlier, later = days[int(next(m for m in reversed(group) if m[1] == "d")[2])], days[int(mark[2])]
    return earlier.is_weekly != later.is_weekly


def _narrows(hours: list[Hours], group: list[re.Match[str]], mark: re.Match[str]) -> bool:
    """Return whether an hour is one of the part of the day before it: "in the evening, around 6"."""
    earlier, later = hours[int(next(m for m in reversed(group) if m[1] == "h")[2])], hours[int(mark[2])]
    return later.exact is not None and earlier.exact is None and earlier.earliest <= later.exact <= earlier.latest


def _clause(marks: list[re.Match[str]], days: list[Days], hours: list[Hours]) -> Clause:
    when, at = Days(), Hours()
    for mark in marks:
        if mark[1] == "d":
            when = both(when, days[int(mark[2])])
        else:
            at = hours[int(mark[2])]
    if when.evening:
        when, at = replace(when, evening=False), at if at != Hours() else Hours(time(17), END)
    return Clause(when, at, marks[0][1] == "h")


def _lend(clause: Clause, pieces: list[tuple[Clause, bool]], index: int) -> Clause:
    if clause.days == Days():
        # "tuesday morning or afternoon"; "not friday, after 3" lends nothing
        before = next((c for c, no in reversed(pieces[:index]) if not no and c.days != Days()), None)
        after = next((c for c, no in pieces[index + 1:] if not no and c.days != Days() and c.hours == Hours()), None)
        lender = before or after
        return replace(clause, days=lender.days) if lender else clause
    if clause.hours == Hours():
        # "tuesday or thursday after 3"; "mornings, tuesday or thursday"
        after = next((c for c, no in pieces[index + 1:] if not no), None)
        later = next((c for c, no in pieces[index + 1:] if not no and c.hours != Hours()), None)
        before = next((c for c, no in pieces[:index] if not no and c.hours != Hours()
                       and (c.days == Days() or c.hours_first)), None)
        lender = later if after else None
        lender = lender or before
        clause = replace(clause, hours=lender.hours) if lender else clause
    if clause.days.is_weekly and clause.days.weekdays:
        before = next((c for c, no in reversed(pieces[:index]) if not no and not c.days.is_weekly
                       and c.days.first != c.days.last), None)
        after = next((c for c, no in pieces[index + 1:] if not no and not c.days.is_weekly and not c.days.is_weekly
                      and c.days.weekdays), None)
        lender = before or after
        if lender:
            clause = replace(clause, days=replace(both(clause.days, replace(lender.days, weekdays=frozenset()))))
    return clause


def _no_before(text: str) -> bool:
    near = re.split(r"[,.;!]|\bbut i can\b|\bbut\b", text)[-1].strip()
    near = re.sub(r"(?:\s+(?:on|el|los|las|the|in|at|for|de|a|la|any|por|este|this|es|is)\b)+$", "", " " + near)
    return re.search(rf"\b(?:{words()['not_before']})(?:\s+(?:on|el|los|las|the|at))?\s*$", near) is not None


def _wants(text: str) -> bool:
    return re.search(r"\b(?:but|yes|can|could|works?|ok|okay|fine|good|great|free|perfect|better|best|maybe|prefer\w*|rather|please|then|so|puedo|mejor|si|bien|instead|funciona)\b", text) is not None


@lru_cache(maxsize=1)
def _NOT_AFTER() -> re.Pattern[str]:
    return re.compile(rf"(?:{words()['not_after']})")


def _within(one: Hours, other: Hours) -> bool:
    """Return whether one span of hours, and not a single hour, lies in the other."""
    first, last = max(one.earliest, other.earliest), min(one.latest, other.latest)
    return one.exact is None and other.exact is None and (first, last) in ((one.earliest, one.latest), (other.earliest, other.latest))


def _length(hours: Hours) -> int:
    return (hours.latest.hour - hours.earliest.hour) * 60 + hours.latest.minute - hours.earliest.minute


def narrowed(clauses: list[Clause]) -> list[Clause]:
    """Return clauses of the same days as one where their hours hold together: "not before 10, not after 2"."""
    found: list[Clause] = []
    for clause in clauses:
        for index, earlier in enumerate(found):
            one, other = earlier.hours, clause.hours
            open_ended = any(hours.exact is None and (hours.latest == END or hours.earliest == time(0)) for hours in (one, other))
            first, last = max(one.earliest, other.earliest), min(one.latest, other.latest)
            same_days = earlier.days == clause.days or Days() in (earlier.days, clause.days)
            if same_days and one.latest != END and other.latest != END and _within(one, other):
                # "a lunch break, between 12 and 1": the closer one
                found[index] = replace(earlier, days=both(earlier.days, clause.days), hours=one if _length(one) < _length(other) else other)
                break
            if same_days and open_ended and first <= last and Hours() not in (one, other):
                found[index] = replace(earlier, days=both(earlier.days, clause.days), hours=Hours(first, last, other.exact or one.exact))
                break
        else:
            found.append(clause)
    return found
