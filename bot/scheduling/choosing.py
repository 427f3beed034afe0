"""Which of the offered times does the patient mean, and how is a time said?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.scheduling.vocabulary import plain
from bot.scheduling.wish import Wish
from bot.scheduling.wishes import read_wish

FIRST, LAST = 0, -1
ORDINALS = {"first": 0, "1st": 0, "primera": 0, "primero": 0, "primer": 0, "top": 0, "second": 1, "2nd": 1, "segunda": 1,
            "segundo": 1, "middle": 1, "third": 2, "3rd": 2, "tercera": 2, "tercero": 2, "tercer": 2, "last": LAST,
            "latest": LAST, "later": LAST, "bottom": LAST, "ultima": LAST, "ultimo": LAST, "earliest": FIRST,
            "earlier": FIRST, "soonest": FIRST, "sooner": FIRST, "temprana": FIRST, "temprano": FIRST, "tarde": LAST}
_SUPERLATIVES_ES = ("temprana", "temprano", "tarde")
_NUMBERS = {"one": 1, "uno": 1, "una": 1, "two": 2, "dos": 2, "three": 3, "tres": 3, "a": 1, "b": 2, "c": 3}
_COURTESY = (r"(?:yes|yeah|yep|ok|okay|sure|hi|um+|uh+|i'?ll take|ill take|i'?d like|i want|i'?ll go with|let'?s do|lets do|let'?s go with|go with|"
             r"give me|put me (?:down )?(?:for|in)|book(?: me)?(?: in)?(?: for)?|can i (?:have|get|do)|pick|take|choose|how about|"
             r"the|la|el|quiero|prefiero|me quedo con|number|no\.?|nr\.?|num|numero|option|opcion|choice|slot|#|time)")
_AFTER = (r"(?:please|pls|plz|thanks?(?: you)?|thank you|ty|works?(?: for me| best)?|is (?:good|fine|perfect|great|best)|sounds? good|por favor|gracias|"
          r"would be (?:great|good|fine|perfect)|it is|for me|good|fine|perfect|great|then|esta bien)")
_NUMBER = re.compile(rf"^\W*(?:{_COURTESY}[\s,]*)*(?:#\s*)?(?P<number>\d|one|two|three|uno|una|dos|tres|a|b|c)"
                     rf"(?:\s*[.)!]*)(?:\s*(?:one|option|slot))?[\s,]*(?:{_AFTER}[\s,.!]*)*$")
_ORDINAL = re.compile(rf"\b(?:{'|'.join(ORDINALS)})\b")
_OTHERS = re.compile(
    r"\bnone\b|\bneither\b|\bnone of|\b(?:other|another|different|more)\b(?! than)|\belse\b|\bdon'?t (?:any of (?:them|those|these) )?(?:work|suit)|"
    r"\b(?:can'?t|cannot|cant) (?:do |make )?(?:any|those|these|them|that)|\bnot (?:any )?of (?:those|these|them)|\bno good\b|"
    r"\bninguna?\b|\botr[ao]s?\b|\bno me (?:va|sirve)n?\b|\bno puedo\b|\bnot (?:these|those|good|great|ideal)\b|^no+[.! ]*$|^nope[.! ]*$|"
    r"\bnext (?:ones|page|few)\b|\bshow me more\b")
_LATER = re.compile(r"\b(?:anything|something|nothing|any|algo|do you have|have|got|is there|need|a bit|little|much|even|too)\b.*\b(?:later|mas tarde)\b|"
                    r"\btoo (?:early|soon)\b|\bmas tarde\b|\blater (?:in the week|than that|than those|dates?|times?|on|that week)\b|^later\W*$|\bmuy temprano\b")
_EARLIER = re.compile(r"\b(?:anything|something|any|algo|do you have|have|got|is there|need|a bit|little|much|even)\b.*\b(?:earlier|sooner|antes|mas temprano)\b|"
                      r"\btoo (?:late|far)\b|\bmas temprano\b|\b(?:earlier|sooner) (?:in the week|than that|than those|dates?|times?)\b|^(?:earlier|sooner)\W*$|\bmuy tarde\b")
# What points at a time on the list, where "morning" or "after 3" only says which others to look for.
_POINTS = re.compile(r"\b(?:ones?|slot|option|that|those|take|works|es[ao]s?|ese|la de|el de)\b")
_ALONE = re.compile(rf"^\W*(?:{_COURTESY}[\s,]*)*(?:{'|'.join(ORDINALS)})[\s,]*(?:{_AFTER}[\s,.!]*)*\W*$")
_LOOKS = re.compile(r"\b(?:anything|something|algo|do you have|have you|is there|any other|what else|tienen?|hay)\b")
_YES = re.compile(r"^\W*(?:yes|yeah|yep|yup|ya|ok|okay|sure|perfect|great|good|sounds? good|works?(?: for me)?|that(?:'?s| is)? (?:works?|fine|good|great|perfect|one)|that works(?: for me)?|"
                  r"si|claro|vale|perfecto|esta bien|de acuerdo|please|book it|i'?ll take it|ill take it|take it|do it|👍)(?:\W+(?:please|thanks?|thank you|that works|works|perfect|gracias|por favor|book it|sounds good))*\W*$")


def number_in(text: str, count: int) -> int | None:
    """Return the index that a text picks as a number ("2", "#2", "option two please"), or None."""
    match = _NUMBER.match(plain(text))
    if match is None:
        return None
    said = match["number"]
    index = (int(said) if said.isdigit() else _NUMBERS[said]) - 1
    return index if 0 <= index < count else None


def names_place(text: str) -> bool:
    """Return whether a text names a place in a list: "the later one", "second"."""
    return _ordinal(plain(text)) is not None


def says_yes(text: str) -> bool:
    """Return whether a text agrees and says nothing else."""
    return _YES.match(plain(text)) is not None


def wants_others(text: str) -> str | None:
    """Return "later", "earlier" or "other" when a text asks for other times than those offered, else None."""
    low = plain(text)
    if re.search(r"\bthe (?:later|earlier|other) (?:one|time|slot|option)\b|\b(?:la|el) mas (?:tarde|tempran[oa])\b", low):
        return None
    if _LATER.search(low):
        return "later"
    if _EARLIER.search(low):
        return "earlier"
    return "other" if _OTHERS.search(low) else None


def choose(text: str, offered: Sequence[datetime], zone: ZoneInfo, now: datetime | None = None,
           hour: time | None = None) -> datetime | None:
    """Return the offered start that a text picks: a number, "the later one", a day or an hour; or None.

    `hour` was asked for before: of two times on the day that is picked, the one at that hour is meant.
    """
    if not offered:
        return None
    index = number_in(text, len(offered))
    if index is not None:
        return offered[index]
    low = plain(text)
    ordinal = _ordinal(low)
    if (by_hour := _preferred_hour(low, offered, zone)) is not None:
        return by_hour
    if re.search(r"\b(?:not|but not|except|instead of|menos) (?:the |la |el )?(?:" + "|".join(ORDINALS) + r")\b", low):
        return None
    if ordinal is None and _LOOKS.search(low):
        return None  # "might you have anything on wednesday?" wants to see what there is
    wish = read_wish(text, (now or offered[0]).astimezone(zone)) or _bare_hour(low, offered[0].astimezone(zone))
    if ordinal is not None and _ALONE.match(low) and not (wish and any(wish.fits(start, zone) for start in offered)):
        wish = None  # "1st" of the list is no first of the month
    among = list(offered)
    if wish is not None and wish.any_of:
        fitting = [start for start in offered if wish.fits(start, zone)]
        exactly = [start for start in fitting if wish.exact and wish.at(start, zone) == wish.exact]
        if (wish.exact and not exactly) or len({clause.days for clause in wish.any_of}) > 1:
            return None  # another hour, or one of several days: a wish, not a choice
        at_hour = [start for start in fitting if hour and start.astimezone(zone).time() == hour]
        among = exactly or (at_hour if len(at_hour) == 1 and ordinal is None else fitting)
        if not among or (len(among) > 1 and ordinal is None):
            return None
        if ordinal is None and among is fitting and not _POINTS.search(low):
            return None  # "after 3", "thursday": looks for more of them
        if len(among) == 1:
            return among[0] if not wants_others(text) or wish.exact else None
    elif wish is not None and wish.none_of:
        left = [start for start in offered if wish.fits(start, zone)]
        return left[0] if len(left) == 1 else None
    if ordinal is None or wants_others(text):
        return None
    in_order = sorted(among)
    chosen = in_order if ordinal[1] else among
    return chosen[ordinal[0]] if -len(chosen) <= ordinal[0] < len(chosen) else None


def _ordinal(low: str) -> tuple[int, bool] | None:
    """Return the place that a text names, and whether it is one in time ("the earlier one") or in the list."""
    match = _ORDINAL.search(low)
    if match is None or (match[0] in _SUPERLATIVES_ES and not re.search(r"\b(?:la|el|lo|las|los) mas (?:tarde|tempran[oa])\b", low)):
        return None
    return ORDINALS[match[0]], match[0] in ("latest", "later", "earliest", "earlier", "soonest", "sooner", *_SUPERLATIVES_ES)


def _preferred_hour(low: str, offered: Sequence[datetime], zone: ZoneInfo) -> datetime | None:
    """Return the start that "11 if you have it, otherwise 10" means."""
    match = re.fullmatch(r"\W*(?:the |at )?(\d{1,2})(?: (?:if|or)\b[^\d]*|,[^\d]*)(?:otherwise|else|if not|or|sino|si no) (?:the |at )?(\d{1,2})\W*", low)
    wanted = [read_wish(f"at {hour}", offered[0].astimezone(zone)) for hour in match.groups()] if match else []
    hits = [start for wish in wanted if wish for start in offered if wish.at(start, zone) == wish.exact]
    return hits[0] if hits else None


def _bare_hour(low: str, now: datetime) -> Wish | None:
    """Read "10" or "the 10 one" as an hour: as a number in the list it did not fit."""
    match = re.fullmatch(r"\W*(?:the )?(\d{1,2})(?: (?:one|works|please|is good))?\W*", low)
    return read_wish(f"at {match[1]}", now) if match else None


MONTHS_ES = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
DAYS_ES = "lunes martes miércoles jueves viernes sábado domingo".split()


def in_words(start: datetime, zone: ZoneInfo, language: str = "en", own: ZoneInfo | None = None) -> str:
    """Return a start as "Tuesday, December 1, 2:30 pm (EST)" in the clinic's zone.

    Where the patient's own zone shows another clock, its time stands beside it.
    """
    local = start.astimezone(zone)
    zones = str(local.tzname())
    if own is not None and (there := start.astimezone(own)).utcoffset() != local.utcoffset():
        zones += f"; {_clock(there)} {there.tzname()} {'donde está usted' if language == 'es' else 'where you are'}"
    at = "," if language != "es" else " a la" if local.hour % 12 == 1 else " a las"
    return f"{day_in_words(local.date(), language)}{at} {_clock(local)} ({zones})"


def day_in_words(day: date, language: str = "en") -> str:
    """Return a day as "Tuesday, December 1"."""
    if language == "es":
        return f"{DAYS_ES[day.weekday()]} {day.day} de {MONTHS_ES[day.month - 1]}"
    return f"{day:%A}, {day:%B} {day.day}"


def _clock(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local.minute:02d} {'am' if local.hour < 12 else 'pm'}"
