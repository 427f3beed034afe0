"""Days and times as people say them: "tuesday afternoon", "not friday", "anything after 5"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time
from functools import lru_cache

from bot.scheduling.circumstances import as_constraints
from bot.scheduling.days import Days, Unreadable, both, mark_days
from bot.scheduling.hours import END, Hours, mark_hours
from bot.scheduling.vocabulary import alternatives, in_digits, parts_of_day, plain, weekday_numbers, words
from bot.scheduling.wish import Clause, Wish

_MARK = re.compile(r"@([dh])(\d+)@")
_LINK = r"[ ,]*(?:on|of|the|el|los|las|de|del|in|at|for|is|are|that|would be|a|,)?[ ,]*"
_OR = re.compile(r"\b(?:or|and|nor|ni|o|y|u|but|pero|also|plus|&)\b|[,;/.!&+]|\bpreferably\b")


def read_wish(text: str, now: datetime, day_first: bool = False, about: date | None = None) -> Wish | None:
    """Return the wish in a text, or None when it says nothing that can be read about a time.

    `now` is in the clinic's zone; `about` is the day that was spoken of before, for "the monday after". A text that says "any time" is a wish that every start fits.
    """
    low = in_digits(plain(text))
    try:
        low, zone = _mark_zone(low)
        low = _prepare(as_constraints(_related(low, about or now.date(), about is not None)))
        marked, days = mark_days(_keep_parts(low), now.date(), day_first)
        # "tuesday am", but not "I am free on tuesday"
        marked = re.sub(r"(@d\d+@[\s,]+)am\b", r"\1mornings", marked)
        marked, hours = mark_hours(_spoken_hours(marked.replace("_", " ")))
        marked = _same_time(marked)
        marked = _day_spans(marked, days, now.date())
    except Unreadable:
        return None
    if not _MARK.search(marked):
        return Wish(zone=zone) if _says_any(low) else None
    any_of, none_of = _clauses(marked, days, hours)
    if not re.search(r"\b(?:or|o|either)\b", marked):
        any_of = _narrowed(any_of)
    return Wish(tuple(any_of), tuple(none_of), zone)


def _narrowed(clauses: list[Clause]) -> list[Clause]:
    """Return clauses of the same days as one where their hours hold together: "not before 10, not after 2"."""
    found: list[Clause] = []
    for clause in clauses:
        for index, earlier in enumerate(found):
            one, other = earlier.hours, clause.hours
            open_ended = any(hours.exact is None and (hours.latest == END or hours.earliest == time(0)) for hours in (one, other))
            first, last = max(one.earliest, other.earliest), min(one.latest, other.latest)
            same_days = earlier.days == clause.days or Days() in (earlier.days, clause.days)
            if same_days and open_ended and first <= last and Hours() not in (one, other):
                found[index] = replace(earlier, days=both(earlier.days, clause.days), hours=Hours(first, last, other.exact or one.exact))
                break
        else:
            found.append(clause)
    return found


def says_any_day(text: str) -> bool:
    """Return whether a text that wishes for nothing in particular leaves the day open too: "any day"."""
    return re.search(rf"\b(?:{words()['any_day']})\b", plain(text)) is not None


def says_own_time(text: str) -> bool:
    """Return whether a text speaks of its writer's clock: "at 10 my time"."""
    return re.search(r"\b(?:my|our) time\b(?! is| of)|\b(?:hora mia|mi hora)\b", plain(text)) is not None


def _related(low: str, about: date, known: bool) -> str:
    """Write out the days that are told by a day spoken of before: "the monday after", "esa semana"."""
    names = alternatives(weekday_numbers())

    def following(match: re.Match[str]) -> str:
        ahead = (weekday_numbers()[match["day"]] - about.weekday() - 1) % 7 + 1
        return _written(date.fromordinal(about.toordinal() + ahead))

    low = re.sub(rf"\b(?:the |el )?(?P<day>{names}) (?:right |just )?(?:after(?: that| it)?(?=\W*$|[,.?!;]| (?:instead|please|pls|if|works?|would|is)\b)|"
                 r"siguiente|despues(?=\W*$|[,.?!;]))", following, low)
    if known:
        weeks = [_written(date.fromordinal(about.toordinal() + days)) for days in (7, -7)]
        low = re.sub(r"\b(?:the |la )(?:week after|following week|semana siguiente)\b(?! next)", f" week of {weeks[0]} ", low)
        next_day, day_before = (_written(date.fromordinal(about.toordinal() + days)) for days in (1, -1))
        low = re.sub(r"\b(?:the |el |al )?(?:day after|(?:next|following) day|dia (?:siguiente|despues))\b(?! tomorrow)", next_day, low)
        low = re.sub(r"\b(?:the |el )(?:day before|dia (?:anterior|antes))\b", day_before, low)
        low = re.sub(r"\b(?:the |la )(?:week before|semana anterior)\b", f" week of {weeks[1]} ", low)
        low = re.sub(r"\b(?:of |de |in |en )?(?:that|the same|same|esa|la misma|esa misma) (?:week|semana)\b", f" week of {_written(about)} ", low)
        low = re.sub(r"\b(?:the |el )?(?:same|that|ese|mismo|ese mismo) (?:day|dia)\b", _written(about), low)
    return re.sub(r" +", " ", low)


def _written(day: date) -> str:
    return f" {day:%B} {day.day} ".lower()


def _prepare(low: str) -> str:
    low = re.sub(r"\b(antes|despues|pasado) del mediodia\b", r"\1 de mediodia", low)
    low = re.sub(r"\bam (?:or|/|and) pm\b", " any time ", low)
    low = re.sub(r"\b(?:days?|dias?) (?:except|but|other than|menos|excepto)\b", "except", low)
    low = re.sub(r"\b(?:any|every)(?:thing| ?day|time| time)? but\b", "except", low)
    low = re.sub(r"\b(?:how|what) about (?=\d{1,2}(?::\d\d)?\b(?!/))", "at ", low)
    low = re.sub(r"\b(?:not )?(?:super|too|so|very|that|real|really) early\b", "not early", low)
    low = re.sub(r"\b(?:half|mid)way through\b", "mid", low)
    low = re.sub(r"\bi (?:could|can) do\b|\bhow about\b|\bwhat about\b", " ", low)
    return re.sub(r"\b(sometime|some time)\b", " ", low)


def _spoken_hours(marked: str) -> str:
    """Make "friday, 10 or 11" say that these are hours."""
    hour = r"\d{1,2}(?::\d\d)?"
    marked = re.sub(rf"(@d\d+@)\s*,\s*(?={hour}(?:\W*$| or ))", r"\1 at ", marked)
    return re.sub(rf"(@d\d+@ +(?:at )?{hour} or) (?={hour}\W*$)", r"\1 at ", marked)


def _keep_parts(low: str) -> str:
    """Join the words of Spanish parts of the day, so that their "manana" is not taken for tomorrow."""
    names = [name for name in parts_of_day() if "manana" in name and " " in name]
    low = re.sub(r"\b(\d\d?(?::\d\d)?) de la manana\b", r"\1 in the morning", low)
    return re.sub(rf"\b(?:{alternatives(names)})\b", lambda match: match[0].replace(" ", "_"), low)


def _says_any(low: str) -> bool:
    return re.search(rf"\b(?:{words()['any']})\b", low) is not None


def _mark_zone(low: str) -> tuple[str, str | None]:
    for zone, names in words()["zones"].items():
        # short names only behind a clock time: "i have pt then" is no Pacific time
        long, short = [name for name in names if " " in name], [name for name in names if " " not in name]
        pattern = (rf"(?:(?<=[\d m])\(?\b(?:{alternatives(long) or '(?!)'})\b|(?:(?<=\d)|(?<=\d )|(?<=[ap]m)|(?<=[ap]m ))"
                   rf"\(?\b(?:{alternatives(short)})\b(?: time)?)\)?")
        if re.search(pattern, low):
            return re.sub(pattern, " ", low), str(zone)
    return low, None


def _same_time(marked: str) -> str:
    """Put the hour that was named before where "same time" stands: "monday at 2 or tuesday same time"."""
    def put(match: re.Match[str]) -> str:
        before = re.findall(r"@h\d+@", marked[:match.start()])
        return f" {before[-1]} " if before else " "
    return re.sub(r"\b(?:at |a )?(?:the |la )?(?:same (?:time|hour)|misma hora)\b", put, marked)


def _day_spans(marked: str, days: list[Days], today: date) -> str:
    """Join marks that are the ends of a span: "from @d0@ to @d1@", "after @d0@", "until @d0@"."""
    def put(found: Days) -> str:
        days.append(found)
        return f" @d{len(days) - 1}@ "

    def between(match: re.Match[str]) -> str:
        first, last = days[int(match[1])], days[int(match[2])]
        if first.is_weekly and last.is_weekly:
            start, end = min(first.weekdays), max(last.weekdays)
            return put(Days(weekdays=frozenset(range(start, end + 1)) if start <= end else
                            frozenset([*range(start, 7), *range(end + 1)])))
        start_day = first.first
        end_day = last.last
        if last.is_weekly and start_day:
            ahead = (min(last.weekdays) - start_day.weekday()) % 7
            end_day = date.fromordinal(start_day.toordinal() + ahead)
        return put(Days(start_day, end_day))

    def one_sided(match: re.Match[str]) -> str:
        found = days[int(match["n"])]
        word = match["word"]
        if found.is_weekly and len(found.weekdays) == 1:  # the coming one
            coming = date.fromordinal(today.toordinal() + (min(found.weekdays) - today.weekday() - 1) % 7 + 1)
            found = Days(coming, coming)
        if word in _AFTER:
            inclusive = word in _FROM
            day = found.first if inclusive else found.last
            return put(Days(first=day if inclusive or day is None else date.fromordinal(day.toordinal() + 1)))
        inclusive = word in ("by", "until", "till", "through", "hasta", "no later than")
        day = found.last if inclusive else found.first
        return put(Days(last=day if inclusive or day is None else date.fromordinal(day.toordinal() - 1)))

    marked = re.sub(r"(?:\b(?:between|from|entre(?: el)?|del?|desde(?: el)?)\s+)?(?:the |el )?@d(\d+)@\s*(?:-|to|through|thru|until|al?|hasta(?: el)?)\s+(?:the |el )?@d(\d+)@",
                    between, marked)
    marked = re.sub(r"\b(?:between|entre(?: el)?)\s+(?:the )?@d(\d+)@\s*(?:and|y)(?: el)?\s+(?:the )?@d(\d+)@", between, marked)
    marked = re.sub(rf"\b(?P<word>{'|'.join(sorted(_AFTER | _BEFORE, key=len, reverse=True))})\s+(?:the |el )*@d(?P<n>\d+)@",
                    one_sided, marked)
    return re.sub(r"@d(\d+)@\s*(?:or later|or after|onwards?|and after|en adelante)\b",
                  lambda match: put(Days(first=days[int(match[1])].first)), marked)


_FROM = frozenset({"from", "starting", "desde", "a partir de", "a partir del", "not before", "not until"})
_AFTER = _FROM | frozenset({"after", "later than", "despues del", "despues de", "past"})
_BEFORE = frozenset({"before", "by", "until", "till", "through", "antes del", "antes de", "hasta", "no later than",
                     "earlier than"})


def _clauses(marked: str, days: list[Days], hours: list[Hours]) -> tuple[list[Clause], list[Clause]]:
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
        marks = list(_MARK.finditer(piece))
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
