"""What a message tells about a booking: a name, a way to reach someone, an age, a time; in any order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import phonenumbers
import yaml

from bot.scheduling.vocabulary import month_numbers, plain, weekday_numbers

NAMES = Path(__file__).resolve().parents[2] / "data" / "booking" / "reading.yml"
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_SPOKEN_EMAIL = re.compile(r"\b([\w.+-]+) ?(?:\(at\)|\[at\]| at | arroba ) ?([\w-]+)(?: ?(?:\(dot\)|\[dot\]) ?| dot | punto |\.)((?:com|org|net|edu|es|mx|io|us|gov|co|info|example))\b", re.I)


YOUNGEST_WRITER = 8
_NAMES_TOO = {"may", "april", "june", "august", "abril", "julio", "jan"}


@dataclass(frozen=True)
class Facts:
    """What was found. `rest` is the text without the contact, for reading days and hours in."""

    rest: str
    contact: str | None = None
    first_name: str | None = None
    minor: str | None = None   # "self" or "child" when an age under 18 is stated


def read_facts(text: str, country: str, asked: str | None = None) -> Facts:
    """Return the facts in a message; with `asked` ("first_name" …) a bare answer to that counts as well."""
    contact, rest = take_contact(text, country)
    name = read_name(rest, bare=asked == "first_name")
    if name is None and contact and asked != "first_name":
        name = _beside_contact(rest)
    return Facts(rest, contact, name, read_minor(rest))


def take_contact(text: str, country: str) -> tuple[str | None, str]:
    """Return the first e-mail address or phone number (E.164) in a text, and the text without any of them."""
    found: str | None = None
    spoken = _SPOKEN_EMAIL.sub(lambda m: f"{m[1]}@{m[2]}.{m[3].lstrip('.')}", text)
    if match := _EMAIL.search(spoken):
        found = match[0].rstrip(".,;")
        text = _EMAIL.sub(" ", spoken)
    region = "US" if country == "INT" else country
    for number in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE):
        if _is_a_date(number.raw_string):
            continue
        said = str(phonenumbers.format_number(number.number, phonenumbers.PhoneNumberFormat.E164))
        if re.match(r"\+1[01]", said):
            continue  # no area code in America begins so
        found = found or said
        text = text.replace(number.raw_string, " ")
    return found, text


def gives_contact(text: str) -> bool:
    """Return whether a text is meant as a phone number or an e-mail address, whole or not."""
    return len(re.sub(r"\D", "", text)) >= 6 or "@" in text


def corrects_contact(text: str, country: str) -> bool:
    """Return whether a text is a phone number or an e-mail address and next to nothing else: "sorry, sam@…"."""
    contact, rest = take_contact(text, country)
    return contact is not None and "?" not in text and len(rest.split()) <= 6


def named_service(text: str, services: Mapping[str, Iterable[str]]) -> str | None:
    """Return the id of the service that a text names, whole or by the start of one of its names ("consult")."""
    low = plain(text)
    said = re.findall(r"[^\W\d_]{5,}", low)
    return next((known for known, names in services.items() for name in map(plain, names)
                 if name in low or any(name.startswith(word) for word in said)), None)


def read_name(text: str, bare: bool = False) -> str | None:
    """Return a first name: one that is introduced ("I'm Dana", "me llamo Ana"), or a bare one when it was asked for."""
    match = _introduced().search(text)
    if match and (name := _first(match["name"])):
        return name
    if not bare:
        return None
    words = re.sub(_lead(), "", text.strip(" .,!?\"'"), flags=re.IGNORECASE).strip(" .,!?\"'").split("\n")[0]
    words = re.split(r",| and (?:my|you)\b| y mi\b|\bphone\b|\bemail\b|\bnumber\b", words)[0].strip(" .,!")
    if not words or len(words.split()) > 4:
        return None
    return _first(words)


def _beside_contact(rest: str) -> str | None:
    """Return a name that stands alone beside a contact: "Gabriela, gabi@…", or signs a message: "… at kofi@…, Kofi"."""
    left = rest.strip(" .,;:!-–—()\n\t")
    if len(left.split()) <= 2:
        return read_name(left, bare=True)
    signed = re.search(r"[,;\n–—-]\s*([A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’.-]*)?)\W*$", rest)
    return _first(signed[1]) if signed else None


def read_minor(text: str) -> str | None:
    """Return "self" or "child" when somebody under 18 is to come, by what the text states; else None."""
    low = plain(text)
    for who in ("child", "self"):
        for pattern in _minor_patterns()[who]:
            for match in pattern.finditer(low):
                age = match.groupdict().get("age")
                # "im 4 tuesday" is for Tuesday
                if age is None or (YOUNGEST_WRITER if who == "self" else 0) <= _age(age) < 18:
                    return who
    return None


def _first(words: str) -> str | None:
    name = words.split()[0].strip(".,") if words.split() else ""
    if name.lower() in ("mr", "mrs", "ms", "dr", "miss", "sr", "sra", "don", "dona") and len(words.split()) > 1:
        name = words.split()[1]
    low = plain(name)
    letters = re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", name)
    if (not letters or re.fullmatch("[a-z]", low) or re.match(r"(?:i|don|can|won|it|that|what)['’]", low) or len(name) > 40 or low in _no_names() or low in weekday_numbers()
            or low in month_numbers().keys() - _NAMES_TOO):
        return None
    return name.title() if name.islower() or (name.isupper() and len(name) > 3) else name


def _is_a_date(raw: str) -> bool:
    return re.fullmatch(r"\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\s*|\s*\d{4}-\d{2}-\d{2}.*", raw) is not None


def _age(text: str) -> int:
    return int(text) if text.isdigit() else _data()["ages"].get(text, 99)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _no_names() -> frozenset[str]:
    return frozenset(_data()["no_names"].split())


@lru_cache(maxsize=1)
def _lead() -> str:
    return rf"^(?:{_data()['before_bare_name']})[\s,:]*"


@lru_cache(maxsize=1)
def _introduced() -> re.Pattern[str]:
    return re.compile(rf"(?:{_data()['introduces_name']})[\s:,]+(?P<name>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*)?)",
                      re.IGNORECASE)


@lru_cache(maxsize=1)
def _minor_patterns() -> dict[str, list[re.Pattern[str]]]:
    ages = "|".join(_data()["ages"])
    return {who: [re.compile(pattern.replace("AGE", rf"(?P<age>\d{{1,2}}|{ages})")) for pattern in patterns]
            for who, patterns in _data()["minors"].items()}
