"""Days and times as people say them: "tuesday afternoon", "not friday", "anything after 5"."""

from __future__ import annotations

import re
from datetime import date, datetime

from bot.scheduling.circumstances import as_constraints
from bot.scheduling.clauses import MARK, clauses_of, narrowed
from bot.scheduling.days import Days, Unreadable, mark_days
from bot.scheduling.hours import mark_hours
from bot.scheduling.vocabulary import alternatives, in_digits, parts_of_day, plain, weekday_numbers, words
from bot.scheduling.wish import Wish


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
    if not MARK.search(marked):
        return Wish(zone=zone) if _says_any(low) else None
    any_of, none_of = clauses_of(marked, days, hours)
    if not re.search(r"\b(?:or|o|either)\b", marked):
        any_of = narrowed(any_of)
    return Wish(tuple(any_of), tuple(none_of), zone)


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
        low = re.sub(r"\b(?:the |el )?(?:same|that|ese|mismo|ese mismo) (?:day|dia)\b", _written(about), low)
        next_day, day_before = (_written(date.fromordinal(about.toordinal() + days)) for days in (1, -1))
        low = re.sub(r"\b(?:the |el |al )?(?:day after|(?:next|following) day|dia (?:siguiente|despues))\b(?! tomorrow)", next_day, low)
        low = re.sub(r"\b(?:the |el )(?:day before|dia (?:anterior|antes))\b", day_before, low)
        low = re.sub(r"\b(?:the |la )(?:week before|semana anterior)\b", f" week of {weeks[1]} ", low)
        low = re.sub(r"\b(?:of |de |in |en )?(?:that|the same|same|esa|la misma|esa misma) (?:week|semana)\b", f" week of {_written(about)} ", low)
    return re.sub(r" +", " ", low)


def _written(day: date) -> str:
    return f" {day:%B} {day.day} ".lower()


def _prepare(low: str) -> str:
    low = re.sub(r"\b(?:before the weekend|antes del fin de semana)\b", "by friday", low)
    low = re.sub(r"\b(?:do|make it|(?:move|change|switch|push) (?:it )?to) (?=\d{1,2}(?::\d\d)?(?: instead| please| pls|\W*$))", "at ", low)
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
    marked = re.sub(rf"(@d\d+@[\s,]+)(?={hour} ?(?:to|till?|until|a) ?{hour})", r"\1from ", marked)
    marked = re.sub(rf"\b(anything|any ?time|something|sometime|algo) (?={hour} ?(?:to|-|a) ?{hour})", r"\1 from ", marked)
    marked = re.sub(r"(?<![\w/:@])(\d{1,2}) (or|o) (?=(?:a las )?\d{1,2}(?::\d\d| ?[ap]m))", r"at \1 \2 ", marked)
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
