"""What in a message points at a place on the list of times that was shown: a number, "the last one", "closest to noon".

The list is known, so a message is searched for evidence; it need not look like anything as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.scheduling.days import Unreadable, mark_days
from bot.scheduling.hours import mark_hours
from bot.scheduling.vocabulary import in_digits, month_numbers, plain, weekday_numbers
from bot.scheduling.wishes import read_wish

WORDS = Path(__file__).resolve().parents[2] / "data" / "booking" / "choosing.yml"
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # where only clock times and dates have to be told from other numbers
LONG = 6  # a number between unknown words counts only in a message shorter than this
_NAMED = re.compile(r"(?:\b(?:number|numero|option|opcion|choice|slot|num|nr|opt|item)\W{0,2}|\bno\. ?|#\s*|(?<!\ba )\b(?:the|la|el) |\bgo(?:ing)? for |\b(?:switch|change|go|move)(?: it| me| that)? to )"
                    r"(?P<n>[1-9]|one|uno|una)\b(?!:\d|/|-|\.\d)")
_LONE = re.compile(r"(?<![\w@$/.:#'-])(?P<n>[1-9])(?![\w@/:%]|\.\d|-\d)")
_HOUR = re.compile(r"(?<![\w@$/.:#'-])(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?(?: ?(?:(?P<half>[ap])m|o'?clock))?(?![\w@/:%]|\.\d|-\d)")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|👍|👌")


def number_said(text: str, now: datetime = SOME_DAY) -> int | None:
    """Return the number of the list that a text says, be it on the list or not; None when it says none or several."""
    low = _wanted(in_digits(plain(text)))
    if match := re.fullmatch(r"\W*(?:option |choice )?([abc])\W*(?:please|pls)?\W*", low):
        return "abc".index(match[1]) + 1
    low = re.sub(r"(?<=\d)(?= ?[.)!,])[.)]", " ", low)
    try:
        marked = _blanked(_named_apart(low), now)
    except Unreadable:
        return None
    found = sorted(_numbers(low, marked), key=lambda number: number[1])
    if not found and (one := re.search(r"\b(?:one|uno|una)\b", low)) and _is_filler(low[:one.start()] + low[one.end():]):
        return 1 if not re.search(r"\b(?:that|this|good|other|first|last|which|esa|ese|la|the) (?:one|una|uno)\b", low) else None
    numbers = list(dict.fromkeys(number for number, _start, _end in found))
    if len(numbers) > 1:
        between = marked[found[-2][2]:found[-1][1]]
        return numbers[-1] if re.search(words()["corrects"], between) else numbers[0] if re.search(r"\b(?:or|o|also|too|else|tambien)\b", between) else None
    return numbers[0] if numbers else None


def number_in(text: str, count: int) -> int | None:
    """Return the index of the number up to `count` that a text says, with nothing else of weight beside it."""
    number, low = number_said(text), in_digits(plain(text))
    alone = all(word in words()["filler"] or word.isdigit() for word in _WORD.findall(low))
    return number - 1 if number is not None and number <= count and alone else None


def hour_said(text: str, offered: Sequence[datetime], zone: ZoneInfo) -> datetime | None:
    """Return the offered start whose hour a text says: at a list, "the 10" is no date."""
    low = in_digits(plain(text))
    match = _HOUR.search(low)
    if match is None or not (_is_alone(low, match) or _is_pointed_at(low, match)):
        return None
    hour, minute, half = int(match["hour"]), match["minute"], match["half"]
    clocks = [(start, start.astimezone(zone)) for start in offered]
    at_hour = [(start, local) for start, local in clocks if local.hour % 12 == hour % 12 and 0 < hour < 24
               and (hour <= 12 or local.hour == hour) and (half is None or (local.hour >= 12) == (half == "p"))]
    hits = [start for start, local in at_hour if local.minute == int(minute or 0)]
    if not hits and minute is None and len(at_hour) == 1:
        hits = [at_hour[0][0]]  # "the 10" where there is only 10:30
    return hits[0] if len(hits) == 1 else None


def _is_alone(low: str, match: re.Match[str]) -> bool:
    return _is_filler(re.sub(r"\b(?:at|a|las|de las)\b", " ", low[:match.start()] + " " + low[match.end():]))


def _is_pointed_at(low: str, match: re.Match[str]) -> bool:
    """Return whether "the 10" stands in a longer text that has no other number, no day and no question."""
    before, behind = low[:match.start()], low[match.end():]
    named = set(_WORD.findall(low)) & (weekday_numbers().keys() | month_numbers().keys())
    return (re.search(r"(?<!before )(?<!after )(?<!until )(?<!till )\b(?:the|la de las|el de las) $", before) is not None
            and not (named or "?" in low or _HOUR.search(behind) or words()["none_of_them"].search(low))
            and not re.search(words()["refused"], before) and not re.match(r"[ -]?" + words()["units"], behind))


def place_said(low: str, offered: Sequence[datetime], zone: ZoneInfo, hour: time | None = None) -> datetime | None:
    """Return the time that a plain text names by its place: "the second", "whichever is closest to noon".

    `hour` was asked for before: "the closest" alone is the closest to that.
    """
    low = _wanted(low)
    if not offered:
        return None
    in_order = sorted(offered)
    if (match := words()["closest_to"].search(low)) and (near := _near(low[match.end():], in_order, zone, hour)):
        return near
    if words()["middle_one"].search(low) and len(offered) == 3:
        return offered[1]
    for kind, index in (("soonest_one", 0), ("latest_one", -1)):
        if words()[kind].search(low):
            return in_order[index]
    place = place_in(low)
    return offered[place] if place is not None and -len(offered) <= place < len(offered) else None


def place_in(low: str) -> int | None:
    """Return the index of the place that a plain text names ("the second one please"), -1 for the last."""
    found: list[tuple[int, int, int]] = []
    for match in words()["place"].finditer(low):
        behind = _WORD.findall(low[match.end():])[:2]
        if re.search(words()["refused"], low[:match.start()]):
            continue
        if behind[:1] == ["time"] and behind[1:2] and behind[1] in ("works", "is", "looks", "sounds", "please", "pls", "you"):
            behind = []  # "the second time works", but no "first time patient"
        if behind and (behind[0] in words()["no_places"] or "_".join(behind) in words()["no_places"] or (
                behind[0] not in words()["filler"] and re.match(r" ", low[match.end():]))):
            continue
        ahead = _WORD.findall(low[:match.start()])[-1:]
        if (ahead in (["a"], ["an"], ["at"], ["my"], ["just"]) and match[0] == "second") or ahead in (["at"], ["my"]):
            continue
        found.append((words()["places"][match[0]], match.start(), match.end()))
    places = list(dict.fromkeys(place for place, _start, _end in found))
    if len(places) > 1 and not re.search(words()["corrects"], low[found[-2][2]:found[-1][1]]):
        return None
    return places[-1] if places else None


def says_yes(text: str) -> bool:
    """Return whether a text agrees and says nothing else."""
    said = _WORD.findall(plain(text))
    agreeing = words()["agrees"]
    if " ".join(said) in ("that one", "this one", "esa", "ese", "esa hora", "that time", "that one please", "esa por favor"):
        return True
    return ("?" not in text and any(word in agreeing for word in said)
            and all(word in agreeing or word in words()["nods"] for word in said))


def _numbers(low: str, marked: str) -> Iterator[tuple[int, int, int]]:
    """Yield each number of a marked text that may be one of the list, with where it stands."""
    short = len(_WORD.findall(low)) < LONG
    for match in _LONE.finditer(marked):
        before, behind = marked[:match.start()], marked[match.end():]
        if re.search(words()["refused"], before) or re.match(r"[ -]?" + words()["units"], behind):
            continue
        ahead, after = _WORD.findall(before)[-1:], _WORD.findall(behind)[:1]
        cut_before, cut_behind = before.rstrip(" ")[-1:] in ",.;!:-", behind.lstrip(" ")[:1] in tuple(",.;!:-?)")
        if ahead and ahead[0] in words()["before"] and not cut_before:
            continue
        beside = [word for word, cut in ((ahead, cut_before), (after, cut_behind))
                  if word and not cut and word[0] not in words()["filler"]]
        if not beside or (short and len(beside) == 1):
            yield int(match["n"]), match.start(), match.end()
    for match in re.finditer(r"@n(\d)@", marked):
        if not re.search(words()["refused"], marked[:match.start()]):
            yield int(match[1]), match.start(), match.end()


def _named_apart(low: str) -> str:
    """Return a text with the numbers that are expressly of the list put apart, so that no clock reads them."""
    def put(match: re.Match[str]) -> str:
        if re.match(r"[ -]?" + words()["units"], low[match.end():]):
            return match[0]
        if re.search(r"\bthe (?:one|uno|una)$", match[0]) or match[0] in ("la una", "el uno", "la uno"):
            return match[0]
        said = match["n"]
        return f" @n{said if said.isdigit() else 1}@ "
    return _NAMED.sub(put, low)


def _blanked(marked: str, now: datetime) -> str:
    """Return a text with the days and hours in it blanked out."""
    kept = re.sub(r"@n(\d)@", lambda match: "@" + "xyzabcdefg"[int(match[1])] * 2 + "@", marked)
    kept, _days = mark_days(kept, now.date(), False)
    kept, _hours = mark_hours(kept)
    kept = re.sub(r"@[dh]\d+@", "@t@", kept)
    return re.sub(r"@([xyza-g])\1@", lambda match: f"@n{'xyzabcdefg'.index(match[1])}@", kept)


def _wanted(low: str) -> str:
    """Return a text without what it says of times that do not suit: "can't do 1, how about 2"."""
    parts = re.split(r"(?<=[,.;!])\s|\b(?=but\b|pero\b)", low)
    return " ".join(part for part in parts if not words()["none_of_them"].search(part))


def _near(low: str, in_order: Sequence[datetime], zone: ZoneInfo, hour: time | None) -> datetime | None:
    """Return the time nearest to the hour that a text names, or that was asked for before."""
    wish = read_wish(f"at {low.strip()}" if re.match(r"\W*\d", low) else low, in_order[0].astimezone(zone))
    if wish is None or not wish.any_of:
        return min(in_order, key=lambda each: _apart(each, zone, _minutes(hour))) if hour else None
    hours = wish.any_of[0].hours
    start, end = _minutes(hours.earliest), _minutes(hours.latest)
    target = _minutes(wish.exact) if wish.exact else start if end >= 23 * 60 else (start + end) // 2
    return min(in_order, key=lambda each: _apart(each, zone, target))


def _apart(start: datetime, zone: ZoneInfo, target: int) -> int:
    return abs(_minutes(start.astimezone(zone).time()) - target)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _is_filler(low: str) -> bool:
    return all(word in words()["filler"] for word in _WORD.findall(low))


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """Return `data/booking/choosing.yml` with its lists as sets and its patterns ready."""
    data: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    for name in ("filler", "before", "no_places", "agrees", "nods"):
        data[name] = frozenset(str(word) for word in data[name].split())
    data["units"] = re.sub(r"\|\s+", "|", data["units"].strip())
    data["places"] = {str(name): index for name, index in data["places"].items()}
    data["place"] = re.compile(r"\b(?:" + "|".join(data["places"]) + r")\b")
    for name, kind in (("none", "none_of_them"), ("closest", "closest_to"), ("middle", "middle_one"),
                       ("soonest", "soonest_one"), ("latest", "latest_one")):
        data[kind] = re.compile(data[name])
    return data
