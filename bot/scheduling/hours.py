"""Finds the hours that a text names and puts a mark in their place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from functools import lru_cache

from bot.scheduling.days import Unreadable
from bot.scheduling.vocabulary import alternatives, parts_of_day

START, END = time(0), time(23, 59)
_HALF = (r" ?(?P<{0}half>am|pm|a(?=\b)|p(?=\b)|o'?clock(?: (?:am|pm))?|in the morning|in the afternoon|in the evening|at night|"
         r"de la manana|de la tarde|de la noche|del mediodia|hrs?|h)?(?!\w)")


@dataclass(frozen=True)
class Hours:
    """Starts from `earliest` to `latest`; `exact` is the hour that was named, if one was."""

    earliest: time = START
    latest: time = END
    exact: time | None = None


def mark_hours(text: str) -> tuple[str, list[Hours]]:
    """Return a plain text with its hours as `@h0@` …, and what they stand for; raises `Unreadable`."""
    found: list[Hours] = []

    def put(read: Callable[[re.Match[str]], Hours]) -> Callable[[re.Match[str]], str]:
        def replaced(match: re.Match[str]) -> str:
            found.append(read(match))
            return f" @h{len(found) - 1}@ "
        return replaced

    for pattern, read in _patterns():
        text = pattern.sub(put(read), text)
    return text, found


def _clock(name: str) -> str:
    """Return the pattern of a clock time; its groups begin with `name`."""
    return (rf"(?:las |la )?(?:(?P<{name}fraction>half past|half|quarter past|quarter after|quarter to|quarter till) )?"
            rf"(?P<{name}hour>\d{{1,2}}|noon|midday|midnight|mediodia)(?:[:.h]?(?P<{name}minute>[0-5]\d))?(?:ish)?"
            rf"(?: (?P<{name}added>y media|y cuarto|y 1?\d\b|menos cuarto))?" + _HALF.format(name))


def _time(match: re.Match[str], name: str, later_than: time | None = None, other_half: str = "") -> time:
    """Return a clock time. Without am or pm, 1 to 7 are taken for the afternoon."""
    said = match[f"{name}hour"]
    if said in ("noon", "midday", "mediodia"):
        return time(12)
    if said == "midnight":
        return time(0)
    hour, minute = int(said), int(match[f"{name}minute"] or 0)
    half = match[f"{name}half"] or other_half or ""
    fraction, added = match[f"{name}fraction"] or "", match[f"{name}added"] or ""
    if hour > 24 or minute > 59:
        raise Unreadable
    minute += {"half past": 30, "half": 30, "quarter past": 15, "quarter after": 15}.get(fraction, 0)
    minute += 30 if added == "y media" else 15 if added == "y cuarto" else 0
    if (digits := re.search(r"\d+", added)):
        minute += int(digits[0])
    morning = (half.startswith("a") and not half.startswith("at")) or "manana" in half or "morning" in half
    afternoon = half.startswith("p") or "pm" in half or re.search("afternoon|evening|night|tarde|noche|mediodia", half)
    if afternoon and hour < 12:
        hour += 12
    elif morning and hour == 12:
        hour = 0
    elif not (morning or afternoon) and (
            (1 <= hour <= 7 and len(said) == 1)
            or (later_than is not None and hour < 12 and time(hour % 24) < later_than)):
        hour += 12
    if fraction.startswith("quarter t") or added == "menos cuarto":
        hour, minute = (hour - 1) % 24, 45
    return time(hour % 24, minute % 60)


def _between(match: re.Match[str]) -> Hours:
    second = match["bhalf"] or ""
    first_half = match["ahalf"] or ""
    lends = re.match(r"pm|p|de la tarde|in the afternoon", second) and not first_half
    later = _time(match, "b", _time(match, "a"))
    earlier = _time(match, "a", None, second if lends and int(match["ahour"]) not in (8, 9, 10, 11) else "") \
        if match["ahour"].isdigit() else _time(match, "a")
    if later <= earlier:
        raise Unreadable
    return Hours(earlier, _before(later))


def _before(end: time) -> time:
    """Return the minute before a time."""
    minutes = max(0, end.hour * 60 + end.minute - 1)
    return time(minutes // 60, minutes % 60)


def _after(match: re.Match[str]) -> Hours:
    return Hours(_time(match, "a"), END)


def _until(match: re.Match[str]) -> Hours:
    return Hours(START, _before(_time(match, "a")))


def _around(match: re.Match[str]) -> Hours:
    exact = _time(match, "a")
    minutes = exact.hour * 60 + exact.minute
    first, last = max(0, minutes - 60), min(23 * 60 + 59, minutes + 60)
    return Hours(time(first // 60, first % 60), time(last // 60, last % 60), exact)


def _at(match: re.Match[str]) -> Hours:
    exact = _time(match, "a")
    if exact.minute == 0 and match["aminute"] is None and not match["afraction"] and not match["aadded"]:
        return Hours(exact, time(exact.hour, 59), exact)
    return Hours(exact, exact, exact)


def _part(match: re.Match[str]) -> Hours:
    return Hours(*parts_of_day()[match[0]])


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], Hours]]]:
    a, b = _clock("a"), _clock("b")
    clear = r"(?=.*?(?:[ap]m\b|:|\b[ap]\b))"  # says for itself that it is a clock time
    later = r"(?:or later|or after|and later|and after|onwards?|and on|on$|plus|\+|o mas tarde|en adelante|o despues)"
    earlier = r"(?:or earlier|or before|or sooner|at the latest|o antes|como (?:muy )?tarde|latest)"
    after = (r"(?:no earlier than|not earlier than|not before|no sooner than|not until|never before|nothing before|nada antes de|any ?time after|later than|"
             r"after|past|from|starting(?: at)?|since|despues de|a partir de|desde|no antes de|mas tarde de|pasadas?)(?: like| about| around)?")
    not_after = (r"(?:no later than|not later than|not after|never after|nothing after|nada despues de|no despues de|no mas tarde de)"
                 r"(?: like| about| around)?")
    before = (r"(?:no later than|not later than|not after|never after|nothing after|nada despues de|any ?time before|earlier than|before|until|till|til|by|up to|"
              r"antes de|hasta|no despues de|no mas tarde de)(?: like| about| around)?")
    around = r"(?:around|about|approximately|approx|close to|near|roughly|sobre|alrededor de|a eso de|like|@|maybe|tipo|hacia)(?: like)?"
    at = r"(?:at|for|a|para|@)"
    bare = r"\d{1,2}"
    list_ = [
        (rf"\b(?:any ?time )?(?:between|entre|from|de|desde)(?: like)? {a}(?: and | to | ?- ?| until | till | til | y | a | hasta )(?:like )?{b}", _between),
        (rf"\b{clear}{a} ?(?:-|to|until|till|hasta) ?{b}(?<=m)", _between),
        (rf"(?<![\d/@]){a} ?- ?{b}(?![\d/])", _between),
        (rf"\b{not_after} {a}", _until),
        (rf"(?<!half )(?<!quarter )\b{after} (?={bare}|la|las|half|quarter){a}", _after),
        (rf"\b{before} (?={bare}|la|las|half|quarter){a}", _until),
        (rf"(?<!half )(?<!quarter )\b{after} {a}", _after), (rf"\b{before} {a}", _until),
        (rf"\b{a} ?{later}", _after), (rf"\b{a} ?{earlier}", _until),
        (rf"(?:\b|(?=@)){around} {a}", _around),
        (r"\b(?P<afraction>)(?P<ahour>\d{1,2})(?:[:.]?(?P<aminute>\d\d))? ?ish\b(?: (?P<aadded>y media))?" + _HALF.format("a"), _around),
        (rf"(?:\b|(?=@)){at} (?={bare}\b(?![- ]?(?:days|weeks|people|min|hour|yrs?|years?|yo|y/o|old)\b)|la|las|half|quarter|\d){a}", _at),
        (rf"(?:(?<=@)|(?<=@ )|(?<=@  )){a}(?=$| *[,.?!]| (?:please|pls|works?|or|@d|if))", _at),
        (rf"\b(?=las? \d|\d{{1,2}}[:.][0-5]\d|\d{{1,2}}(?:[0-5]\d)? ?(?:[ap]m\b|[ap]\b|o'?clock|in the|de la (?:man|tar|noc)|hrs?\b|h\b)|half past|quarter){a}", _at),
        (rf"\b(?:{alternatives(parts_of_day())})\b", _part),
        (r"\b(?P<ahour>noon)(?P<aminute>)(?P<afraction>)(?P<aadded>)(?P<ahalf>)\b",
         lambda match: Hours(time(11, 30), time(13, 30), time(12))),
    ]
    return [(re.compile(pattern), read) for pattern, read in list_]
