"""Finds a first name in a message: introduced, signed, beside a contact, or bare.

A word that people use for anything else is nobody's name, unless it is a known first name and stands where names stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.scheduling.vocabulary import month_numbers, plain, weekday_numbers

DATA = Path(__file__).resolve().parents[2] / "data"
WORDS, COMMON = DATA / "booking" / "names.yml", DATA / "screening" / "lexicon" / "context" / "common_words.yml"
_TOKEN = re.compile(r"[^\W\d_](?:[\w'’-]*[^\W_])?")
_CUT = re.compile(r"[.,;!:\n()–—\"“”/]|\s-+\s?| and (?:my|you|i)\b| y mi\b|\b(?:phone|email|e-mail|number|tel|cell|correo)\b", re.I)
_NOT_X = re.compile(r"[,\s]+(?:not|no|instead of|en vez de)\s+[^\W\d_]+", re.I)
_DOCTOR = re.compile(r"\b(?:dr|dra|doctora?)\.?\s+[^\W\d_]+", re.I)
_TITLE = re.compile(r"\b(mrs?|ms|miss|sra?|srta|prof|rev|don|doña|dona)\b\.?(?=\s+[^\W\d_])", re.I)
_NAME = r"(?P<name>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’.-]*)?)"
_SIGNED = re.compile(rf"(?:\b(?:thanks|thank you|thx|regards|sincerely|best|cheers|gracias|saludos)[\s,.!]+|(?:^|[\s.!?])[-–—]+\s?){_NAME}\W*$", re.I)
# "book Nadia Osman for Friday", in small letters only a known name
_BOOKED = re.compile(r"\b(?:[Bb]ook|[Ss]chedule|BOOK|[Rr]eserve|[Aa]genden?|[Aa]puntar?e?|[Aa]note|[Pp]encil|[Pp]ut) (?:a |in )?(?P<name>[^\W\d_][\w'’-]+)(?: (?P<last>[^\W\d_][\w'’.-]+))?"
                     r"(?= (?:in|for|on|at|down|para|el|a las)\b)")
_HERE = re.compile(rf"^\W*(?:(?:hi|hello|hey|hola|good (?:morning|afternoon|evening))\W+)?{_NAME} (?:here|speaking)\b", re.I)


def read_name(text: str, bare: bool = False) -> str | None:
    """Return a first name: an introduced one ("I'm Dana", "me llamo Ana"), or a bare one when it was asked for."""
    text = _TITLE.sub(" ", _DOCTOR.sub(" ", text))
    if bare and (initials := re.fullmatch(r"\W*([A-Z])\.? ?([A-Z])\.\W*", text)):
        return initials[1] + initials[2]
    return _introduced(text, bare) or (_bare(text) if bare else None) or _signed(text)


def read_lone_name(text: str) -> str | None:
    """Return the name that a message consists of although something else was asked for: "Melissa", "Ty Brooks"."""
    text = _TITLE.sub(" ", text)
    tokens = _TOKEN.findall(re.sub(r"^\W*(?:hi|hello|ok|okay|yes|si|sí|hola)\b", "", text, flags=re.I))
    left = re.sub(r"[\s,.!]", "", _TOKEN.sub("", text))
    if not 1 <= len(tokens) <= 3 or left or (not _is_known(tokens[0]) and not (tokens[0][0].isupper() and not text.isupper())):
        return None
    if plain(tokens[0]) in month_numbers() or (_is_word(tokens[0]) and not tokens[0][0].isupper()):
        return None
    if tokens[0].islower() and len(tokens[0]) < 3:
        return None  # "ty" says thank you
    others = tokens if not _is_known(tokens[0]) else tokens[1:]
    return None if any(map(_is_word, others)) or (not _is_known(tokens[0]) and len(tokens[0]) < 3) else _written(tokens[0])


def name_beside_contact(rest: str) -> str | None:
    """Return a name that stands alone beside a contact that was taken out: "Gabriela, gabi@…", "Greg Tolliver, 206-…, …"."""
    for part in _CUT.split(_TITLE.sub(" ", _DOCTOR.sub(" ", rest))):
        tokens = _TOKEN.findall(part or "")
        while tokens and plain(tokens[0]) in _set("before_bare"):
            tokens = tokens[1:]
        if (1 <= len(tokens) <= 3 and (_is_known(tokens[0]) or (not _is_word(tokens[0]) and (tokens[0][0].isupper() or len(rest.split()) <= 2)))
                and not any(map(_is_word, tokens[1:])) and _is_shaped(tokens[0])):
            return _written(tokens[0])
    return None


def corrects_name(text: str) -> str | None:
    """Return the name that a text puts right ("autocorrect, it's Kathryn", "mejor ponga Francisco"), else None."""
    if not re.search(str(_data()["corrects"]), plain(text)):
        return None
    return _introduced(_DOCTOR.sub(" ", text), True) or (_bare(text) if len(text.split()) <= 5 else None)


def _introduced(text: str, asked: bool) -> str | None:
    for strong, cues in ((True, _pattern("strong_cues")), (False, _kin()), (False, _pattern("weak_cues"))):
        names = [name for cue in cues.finditer(text) if (name := _behind(text, cue.end(), strong, asked))]
        if names:
            return names[-1] if strong else names[0]
    if (booked := _BOOKED.search(text)) and not _is_word(booked["name"]):
        both = [booked["name"], booked["last"] or "-"]
        if _is_known(both[0]) or (all(name[0].isupper() for name in both) and not _is_word(both[1])):
            return _written(both[0])
    match = _HERE.search(text)
    return _written(match["name"].split()[0]) if match and _looks_like_one(match["name"].split()[0], text, False) else None


def _behind(text: str, end: int, strong: bool, asked: bool) -> str | None:
    """Return the name that follows a cue, if one does."""
    rest = re.split(r"[.;!?\n]", text[end:].lstrip(" :,\"'“«-"), maxsplit=1)[0]
    tokens = list(_TOKEN.finditer(rest))
    while len(tokens) > 1 and plain(tokens[0][0]) in _set("between"):
        tokens = tokens[1:]
    if not tokens or rest[:tokens[0].start()].strip(" ,\"'.") not in ("", *_between_texts(rest, tokens[0].start())):
        return None
    name, after = tokens[0][0], [token[0] for token in tokens[1:2]]
    if not _is_shaped(name):
        return None
    if _is_word(name):
        ends = not after or not _is_word(after[0]) or re.match(r"\s*[,)]", rest[tokens[0].end():]) is not None
        ends = ends and not re.match(r"\s*\d", rest[tokens[0].end():])
        return _written(name) if _is_known(name) and ends else None
    return _written(name) if strong or _looks_like_one(name, text, asked) else None


def _between_texts(rest: str, end: int) -> tuple[str, ...]:
    """Return what stands before the name where it is only words that may stand there."""
    said = _TOKEN.findall(rest[:end])
    return (rest[:end].strip(" ,\"'."),) if all(plain(word) in _set("between") for word in said) else ()


def _bare(text: str) -> str | None:
    found = [name for part in _parts(text) if (name := _in_part(part, text))]
    return next((name for name in found if _is_known(name)), found[0] if found else None)


def _parts(text: str) -> Iterator[str]:
    for sentence in re.findall(r"[^?]*\??", _NOT_X.sub(" ", text)):
        if not sentence.endswith("?"):
            yield from (part for part in _CUT.split(sentence) if part and part.strip())


def _in_part(part: str, text: str) -> str | None:
    tokens = _TOKEN.findall(part)
    while len(tokens) > 1 and (plain(tokens[0]) in _set("before_bare") or plain(tokens[0]) in _set("between")) and not (
            _is_known(tokens[0]) and len(tokens) == 1):
        tokens = tokens[1:]
    while len(tokens) > 1 and plain(tokens[-1]) in _set("before_bare"):
        tokens = tokens[:-1]
    if not tokens or len(tokens) > 4 or not _is_shaped(tokens[0]) or re.search(r"\d", part):
        return None
    name, behind = tokens[0], tokens[1:]
    plain_behind = any(map(_is_word, behind))
    if _is_word(name):
        return _written(name) if _is_known(name) and not plain_behind else None
    if not _is_known(name) and ((plain_behind and not name[0].isupper()) or re.search(str(_data()["suffixes"]), plain(name))):
        return None
    return _written(name)


def _signed(text: str) -> str | None:
    match = _SIGNED.search(text)
    name = match["name"].split()[0] if match else ""
    return _written(name) if name and not _is_word(name) and _is_shaped(name) and (_is_known(name) or name[0].isupper()) else None


def _looks_like_one(name: str, text: str, asked: bool) -> bool:
    """Return whether a word behind a weak cue is a name: known, or written like one and no participle."""
    low = plain(name)
    if _is_word(name) or not _is_shaped(name):
        return False
    if _is_known(name):
        return True
    if re.search(str(_data()["suffixes"]), low):
        return False
    if name[0].isupper() and not text.isupper():
        return True
    told = asked or (len(text.split()) <= 4 and re.search(r"\b(?:i'?m|i’m|i am|soy)\b", text, re.I))
    return bool(told) and not re.search(str(_data()["small_suffixes"]), low)


def _is_known(name: str) -> bool:
    return plain(name) in _set("known") or plain(name).split("-")[0] in _set("known")


def _is_word(name: str) -> bool:
    low = plain(name)
    return low in _no_names() or re.match(r"(?:i|don|can|won|it|that|what|let|there|here|he|she|we|you|they)['’](?=[a-z]{1,2}$)", low) is not None


def _is_shaped(name: str) -> bool:
    return (re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", name) is not None and 1 < len(name) <= 40
            and re.search(r"['’]s$", name) is None)


def _written(name: str) -> str:
    return name.title() if name.islower() or (name.isupper() and len(name) > 3) else name


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=8)
def _set(kind: str) -> frozenset[str]:
    return frozenset(str(_data()[kind]).split())


@lru_cache(maxsize=8)
def _pattern(kind: str) -> re.Pattern[str]:
    cues = re.sub(r"[|]\s+", "|", str(_data()[kind]).strip())
    return re.compile(rf"(?:{cues})(?=[\s:,\"'“«])", re.IGNORECASE)


@lru_cache(maxsize=1)
def _kin() -> re.Pattern[str]:
    kin = "|".join(_data()["kin"].split())
    return re.compile(rf"\b(?:my|our|mi|nuestr[oa]) (?:{kin})(?=[\s,])", re.IGNORECASE)


@lru_cache(maxsize=1)
def _no_names() -> frozenset[str]:
    common = yaml.safe_load(COMMON.read_text(encoding="utf-8"))["common"]
    return (frozenset(common.split()) | _set("not_names") | weekday_numbers().keys() | month_numbers().keys()) - {"dana"}
