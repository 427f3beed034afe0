"""Which of the offered times does the patient mean, and how is a time said?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.scheduling.listed import hour_said, number_in, number_said, place_in, place_said, says_yes, words
from bot.scheduling.vocabulary import plain
from bot.scheduling.wish import Wish
from bot.scheduling.wishes import read_wish

__all__ = ["choose", "day_in_words", "in_words", "names_place", "number_in", "number_said", "says_yes", "wants_others"]
PLACES_IN_TIME = ("soonest_one", "latest_one", "middle_one", "closest_to")
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
_POINTS = re.compile(r"\b(?:ones?|slot|option|that|those|take|works|good|great|perfect|fine|yes|yeah|sounds good|es[ao]s?|ese|la de|el de|si|bien)\b")
_LOOKS = re.compile(r"\b(?:anything|something|algo|do you have|have you|is there|any other|what else|tienen?|hay)\b")

def names_place(text: str) -> bool:
    """Return whether a text names a place in a list: "the later one", "second"."""
    low = plain(text)
    return place_in(low) is not None or any(words()[kind].search(low) for kind in PLACES_IN_TIME)


def wants_others(text: str) -> str | None:
    """Return "later", "earlier" or "other" when a text asks for other times than those offered, else None."""
    low = plain(text)
    if re.search(r"\bthe (?:later|earlier|other) (?:one|time|slot|option)\b|\b(?:la|el)(?: de)? mas (?:tarde|tempran[oa])\b", low):
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
    number = number_said(text, now or offered[0].astimezone(zone))
    if number is not None and number <= len(offered):
        return offered[number - 1]
    low = plain(text)
    if (at_its_hour := hour_said(text, offered, zone)) is not None:
        return at_its_hour
    if (behind_for := _booked_for(low, offered, zone)) is not None:
        return behind_for
    if (by_hour := _preferred_hour(low, offered, zone)) is not None:
        return by_hour
    placed = place_said(low, offered, zone, hour)
    if placed is None and (names_place(text) or _LOOKS.search(low)):
        return None  # not on the list; and "might you have anything on wednesday?" wants to see what there is
    wish = _wish_beside(text, offered, zone, now)
    if wish is None or not (wish.any_of or wish.none_of):
        return placed if not wants_others(text) else None
    if words()["closest_to"].search(low):
        return placed
    fitting = [start for start in offered if wish.fits(start, zone)]
    if not wish.any_of:
        return fitting[0] if len(fitting) == 1 else None
    return _among(text, offered, fitting, wish, zone, hour, placed is not None)


def _among(text: str, offered: Sequence[datetime], fitting: list[datetime], wish: Wish, zone: ZoneInfo,
           hour: time | None, placed: bool) -> datetime | None:
    """Return the one of the times that fit a wish which the text means, if it means one of them."""
    low = plain(text)
    exactly = [start for start in fitting if wish.exact and wish.at(start, zone) == wish.exact]
    if (wish.exact and not exactly) or len({clause.days for clause in wish.any_of}) > 1:
        return None  # another hour, or one of several days: a wish, not a choice
    at_hour = [start for start in fitting if hour and start.astimezone(zone).time() == hour]
    among = exactly or (at_hour if len(at_hour) == 1 and not placed else fitting)
    if placed and len(among) > 1:
        return place_said(low, among, zone) if not wants_others(text) else None
    if len(among) != 1 or (not placed and among is fitting and not _POINTS.search(low)):
        return None  # "after 3", "thursday": looks for more of them
    return among[0] if not wants_others(text) or wish.exact else None


def _wish_beside(text: str, offered: Sequence[datetime], zone: ZoneInfo, now: datetime | None) -> Wish | None:
    """Return the day or hour that a text names beside a place on the list: "1st" alone is no first of the month."""
    low = plain(text)
    at = (now or offered[0]).astimezone(zone)
    if place_in(low) is None:
        return read_wish(text, at) or _bare_hour(low, offered[0].astimezone(zone))
    return read_wish(words()["place"].sub(" ", low), at)


def _booked_for(low: str, offered: Sequence[datetime], zone: ZoneInfo) -> datetime | None:
    """Return the start that "put me down for 2" means where none is at that hour: the second."""
    match = re.search(r"\b(?:down|book|me|us|go|sign|in|up) for ([1-9])\b(?! ?(?:[ap]\b|[ap]\.?m|:|o'clock|people|weeks|days|hours|pm|/))", low)
    number = int(match[1]) if match else 0
    at_hour = any(start.astimezone(zone).hour % 12 == number for start in offered)
    return offered[number - 1] if 0 < number <= len(offered) and not at_hour else None


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
