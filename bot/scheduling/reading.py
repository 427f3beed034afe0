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

from bot.scheduling.names import name_beside_contact, read_lone_name, read_name
from bot.scheduling.vocabulary import plain

WORDS = Path(__file__).resolve().parents[2] / "data" / "booking" / "reading.yml"
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_SPOKEN_EMAIL = re.compile(r"\b([\w.+-]+) ?(?:\(at\)|\[at\]| at | arroba ) ?([\w-]+)(?: ?(?:\(dot\)|\[dot\]) ?| dot | punto |\.)((?:com|org|net|edu|es|mx|io|us|gov|co|info|example))\b", re.I)


YOUNGEST_WRITER = 8


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
    if name is None and contact:
        name = name_beside_contact(rest)
    if name is None and asked in ("chosen_slot", "preferred_time", "contact"):
        name = read_lone_name(rest)
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


def uses_contact(text: str) -> bool:
    """Return whether a text says by which phone or address to reach its writer: "use my wife's phone"."""
    return re.search(r"\b(?:use|using|reach|text|send|write|contact|number|phone|cell|email|e-mail|mail|instead|uses?|usen?|numero|telefono|correo|celular|cel)\b", plain(text)) is not None


def named_service(text: str, services: Mapping[str, Iterable[str]]) -> str | None:
    """Return the id of the service that a text names, whole or by the start of one of its names ("consult")."""
    low = plain(text)
    said = re.findall(r"[^\W\d_]{5,}", low)
    return next((known for known, names in services.items() for name in map(plain, names)
                 if name in low or any(name.startswith(word) for word in said)), None)


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


def _is_a_date(raw: str) -> bool:
    return re.fullmatch(r"\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\s*|\s*\d{4}-\d{2}-\d{2}.*", raw) is not None


def _age(text: str) -> int:
    return int(text) if text.isdigit() else _data()["ages"].get(text, 99)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _minor_patterns() -> dict[str, list[re.Pattern[str]]]:
    ages = "|".join(word if word != "once" else "once(?= anos)" for word in _data()["ages"])
    child, grade = (re.sub(r"[|]\s+", "|", str(_data()[kind]).strip()) for kind in ("child", "grade"))
    return {who: [re.compile(pattern.replace("CHILD", child).replace("GRADE", grade).replace("AGE", rf"(?P<age>\d{{1,2}}|{ages})")) for pattern in patterns]
            for who, patterns in _data()["minors"].items()}
