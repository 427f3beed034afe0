"""Finds personal details in what people write: names, contacts, birthdays, addresses, numbers on cards and papers.

Rules over the words of `data/desk/personal.yml`. A recogniser of entities (Presidio) wants a
language model that is fetched or larger than everything else here; on short, hurried messages in
two languages these rules mask no less (tests/desk/personal_details.yml).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.settings import ROOT, read_yaml

FILE = ROOT / "data" / "desk" / "personal.yml"
_WORD = r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_]))*"
_CAPITAL = r"(?-i:[A-ZÁÉÍÓÚÑÜ])[^\W\d_]*(?:['’\-][^\W\d_]+)*"
# Surnames of several words: Van der Berg, del Carmen Soto.
_FURTHER = rf"\s+(?:(?-i:van|von|der|den|de|del|la|las|los|al|bin|di|da|dos)\s+){{0,2}}{_CAPITAL}"
_PARTICLES = frozenset("van von der den de del la las los al bin di da dos".split())
EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}(?:@|\s?\[at\]\s?|\s?\(at\)\s?)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
# A run that may be a phone, a birthday, a card or an insurance number: seven digits or more.
NUMBER = re.compile(r"(?<![\w.])\+?\(?\d(?:[\s().\-/]{0,2}\d){6,}(?!\w)")
_MIXED = re.compile(r"(?<![\w-])(?=(?:[A-Za-z0-9-]*\d){4})(?=[A-Za-z0-9-]*[A-Za-z])"
                    r"[A-Za-z0-9][A-Za-z0-9-]{5,}(?!\w)")
_SPOKEN = re.compile(r"\b[\w.+-]{2,64}\s+(?:at|arroba)\s+[\w-]+\s+(?:dot|punto)\s+[a-z]{2,6}\b", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@])@[A-Za-z]\w{3,}")


@dataclass(frozen=True)
class Detail:
    """Where a detail stands and what it is: email, number, birthday, address, paper, name."""

    start: int
    end: int
    kind: str


@lru_cache(maxsize=4096)  # a page is looked at again every second
def find_details(text: str) -> tuple[Detail, ...]:
    """Return the details in a text, in order; they may overlap."""
    rules = _rules()
    found = [Detail(match.start(), match.end(), kind) for kind, pattern in (
        ("email", EMAIL), ("email", _HANDLE), ("email", _SPOKEN), ("number", NUMBER), ("paper", _MIXED))
        for match in pattern.finditer(text) if not (kind == "number" and rules.is_public(match[0]))]
    for kind, pattern in rules.patterns:
        found += [Detail(*match.span(1), kind) for match in pattern.finditer(text)]
    found += rules.names(text)
    return tuple(sorted(found, key=lambda detail: (detail.start, detail.end)))


class _Rules:
    """The patterns, built from the words of the file."""

    def __init__(self, words: dict[str, list[str]]) -> None:
        given = frozenset(words["given_names"])
        self._stop = frozenset(words["not_in_a_name"])
        self._given = given
        self._public = frozenset(words["public_numbers"])
        self._also_words = frozenset(words["also_words"])
        months, birth = _any(words["months"]), _any(words["birth"])
        day, year = r"\d{1,2}(?:st|nd|rd|th)?", r"(?:19\d\d|20[01]\d)"
        street, before = _any(words["streets"]), _any(words["streets_first"])
        capital_street = _any(words["streets_with_capital"])
        unit = rf"(?!{_any(words['units'])}\b)"
        flat = r"(?:,?\s*(?:#|apt\.?|apartment|unit|suite|ste\.?|fl\.?|floor)\s*[\w-]+)?"
        past = r"(?:19\d\d|20[01]\d|[3-9]\d)"
        of = r"(?:de\s+|del\s+)?"
        date = rf"(?:{months}\.?\s+{of}{day}|{day}\s+(?:of\s+|de\s+)?{months})"
        side = r"(?:(?:[NSEW]\.?|north|south|east|west)\s+)?"
        house, few = rf"(?<![\w.])(\d{{1,6}}[A-Za-z]?\s+{unit}{side}", rf"\W{{0,3}}(?:{_WORD}\W{{1,3}}){{0,3}}?"
        is_ = r"(?:is\s+|es\s+)?"
        self.patterns = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in (
            ("birthday", rf"\b({date}\.?,?\s+{of}{year})\b"),
            ("birthday", rf"(?<![\d/.-])(\d{{1,2}}([/.-])\d{{1,2}}\2{past})(?![\d/-])"),
            ("birthday", rf"(?<![\d/.-])({year}([/.-])\d{{1,2}}\2\d{{1,2}})(?![\d/-])"),
            ("birthday", rf"\b{birth}\b{few}"
                         rf"((?:{date}|\d{{1,2}}[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?|{year}|\d{{6}}|\d{{8}})"
                         rf"(?:,?\s+{of}['’]?\d{{2,4}})?)\b"),
            ("address", rf"{house}(?:{_WORD}|\d{{1,3}}(?:st|nd|rd|th))(?:\s+{_WORD}){{0,2}}?\s+{street}\b\.?{flat})"),
            ("address", rf"{house}{_CAPITAL}(?:\s+{_CAPITAL}){{0,2}}?\s+{capital_street}\b\.?{flat})"),
            ("address", rf"{house}{_CAPITAL}\.?(?:\s+{_CAPITAL}\.?){{1,5}}?\s+{street}\b\.?{flat})"),
            ("address", rf"{house}(?:highway|hwy|route|rte|county\s+road|state\s+road)\s+\d+{flat})"),
            ("address", r"\b((?:room|rm|apt|apartment|suite|unit|trailer|lot)\.?\s*#?\s*\d{2,4}[A-Za-z]?)\b"),
            ("address", rf"\b({before}\.?\s+(?:{_WORD}\s+){{0,4}}?(?:{_WORD}|\d{{1,3}}),?\s*"
                        r"(?:#|no\.?|núm\.?|num\.?)?\s*\d[\w-]*)"),
            ("address", r"\b(p\.?\s?o\.?\s?box\s+\d+)\b"),
            ("address", r"\b((?-i:[A-Z]{2})\s+\d{5}(?:-\d{4})?)\b"),
            ("address", rf"\b(?:zip|zip\s?code|postcode|código\s?postal|c\.p\.)\W{{0,3}}{is_}(\d{{5}}(?:-\d{{4}})?)\b"),
            ("paper", rf"\b{_any(words['papers'])}\b{few}(?:#|no\.?|number|num|id|número)?\W{{0,3}}{is_}"
                      r"((?=[A-Za-z]*\d[\w-]*\d[\w-]*\d)[A-Za-z0-9][\w-]{3,}(?:\s\d{2,})*)"),
            ("paper", r"\b(?:cvv|cvc|pin|security\s+code)\W{0,3}(?:is\s+)?(\d{3,4})\b"),
            ("name", rf"\b(?:{_any(words['titles'])})\b\.?\s+"
                     rf"((?:(?-i:van|von|de|del|la)\s+){{0,2}}{_CAPITAL}(?:{_FURTHER})?)"),
            ("name", rf"\b(?:my|mi|his|her|su|our)\s+(?:ex[- ])?(?:{_any(words['relations'])}),?\s+"
                     rf"({_CAPITAL}(?:\s+{_CAPITAL})?)"),
        )]
        first = _any([name for name in given if name not in self._also_words])
        self._first = re.compile(rf"\b(?:i am|i'm|i’m|im|it's|it’s|its|this is|soy)\s+({first})\b", re.IGNORECASE)
        strong, weak = _any(words["introductions"]), _any(words["weak_introductions"])
        self._introduced = re.compile(rf"\b(?:{strong})\s+({_WORD}(?:\s+{_WORD}){{0,3}})", re.IGNORECASE)
        self._weakly = re.compile(rf"\b(?:{weak})\s+({_CAPITAL}(?:{_FURTHER}){{1,2}})", re.IGNORECASE)
        self._signed = re.compile(rf"(?:^|\n)\s*[-–—~]\s*({_CAPITAL}(?:\s+{_CAPITAL}){{0,2}})\s*$")
        self._word = re.compile(_WORD)

    def names(self, text: str) -> Iterator[Detail]:
        """Return the names of persons."""
        for match in self._introduced.finditer(text):
            if end := self._end_of_name(text, match.start(1), match.end(1)):
                yield Detail(match.start(1), end, "name")
        for pattern in (self._weakly, self._signed):
            for match in pattern.finditer(text):
                if match[1].split()[0].lower() not in self._stop and not text.isupper():
                    yield Detail(*match.span(1), "name")
        for match in self._first.finditer(text):
            yield Detail(*match.span(1), "name")
        yield from self._known(text)

    def is_public(self, number: str) -> bool:
        """Return whether a number is a help line's, which is nobody's detail."""
        return re.sub(r"\D", "", number).removeprefix("1") in self._public

    def _known(self, text: str) -> Iterator[Detail]:
        """Return first names of the list that are written with a capital, with the surname behind them."""
        words = list(self._word.finditer(text))
        for number, word in enumerate(words):
            if word[0].removesuffix("'s").removesuffix("’s").lower() not in self._given or not word[0][0].isupper():
                continue
            before = words[number - 1][0].lower() if number else ""
            if before in ("san", "santa", "los", "st"):
                continue
            end = word.end()
            following = words[number + 1] if number + 1 < len(words) else None
            if following and text[end:following.start()] == " " and self._is_surname(following[0], text):
                end = following.end()
            yield Detail(word.start(), end, "name")

    def _is_surname(self, word: str, text: str) -> bool:
        return word[0].isupper() and not text.isupper() and word.lower() not in self._stop

    def _end_of_name(self, text: str, start: int, end: int) -> int:
        """Return where a name ends that began at `start`, or 0 when it is none."""
        last, within = 0, False
        for word in self._word.finditer(text, start, end):
            if within and not word[0][0].isupper():
                break
            if last and word[0].lower() in _PARTICLES:
                within = True
            elif word[0].lower() in self._stop:
                break
            else:
                last, within = word.end(), False
        return last


def _any(words: list[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    words: dict[str, Any] = read_yaml(FILE)
    return _Rules({name: [str(word) for word in listed] for name, listed in words.items()})


# What stands for a detail where a text leaves the desk to be learnt from.
_INSTEAD = {"name": "Sam", "email": "me@example.org", "number": "555 0100", "birthday": "my birthday",
            "address": "my street", "paper": "my number"}


def without_details(text: str) -> str:
    """Return the text with an invented detail in place of each real one."""
    pieces, at = [], 0
    for detail in find_details(text):
        if detail.start >= at:
            pieces += [text[at:detail.start], _INSTEAD[detail.kind]]
        at = max(at, detail.end)
    return "".join(pieces) + text[at:]
