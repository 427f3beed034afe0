"""Personal details are shown masked until somebody gives a reason to see them."""

from __future__ import annotations

import re

import phonenumbers

from bot.desk.personal import EMAIL, NUMBER, find_details

DOT = "•"


def mask_phone(phone: str) -> str:
    """Return the country, the area and the last two digits: `+1 555 ••• ••34`."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) < 5:
        return DOT * 4
    try:
        parsed = phonenumbers.parse(phone if phone.startswith("+") else f"+{digits}", None)
        country, national = str(parsed.country_code), str(parsed.national_number)
    except phonenumbers.NumberParseException:
        country, national = "", digits
    prefix = f"+{country} " if country else ""
    area = f"{national[:3]} " if country == "1" and len(national) == 10 else ""
    return f"{prefix}{area}{DOT * 3} {DOT * 2}{digits[-2:]}"


def mask_contact(contact: str) -> str:
    """Return a phone or e-mail address masked."""
    if "@" in contact:
        name, _, host = contact.partition("@")
        return f"{name[:1]}{DOT * 4}@{host}"
    return mask_phone(contact) if contact else ""


def mask_name(name: str) -> str:
    """Return a name's first letter."""
    return name[:1] + DOT * 3 if name else ""


def mask_text(text: str) -> str:
    """Return the text with every personal detail dotted out, every character in its place.

    The length stays, so that the screen's spans still point at the right words.
    """
    letters = list(text)
    for detail in find_details(text):
        # What one detail hides, another that overlaps it does not show again.
        for place, letter in enumerate(_dotted(text[detail.start:detail.end], detail.kind), start=detail.start):
            if letter == DOT:
                letters[place] = DOT
    return "".join(letters)


def mask_known(text: str, known: frozenset[str]) -> str:
    """Return our own text with only those details masked that belong to the patient."""
    def number(match: re.Match[str]) -> str:
        return _dotted(match[0], "number") if _digits(match[0])[-10:] in known else match[0]

    def email(match: re.Match[str]) -> str:
        return _dotted(match[0], "email") if match[0].lower() in known else match[0]

    def name(match: re.Match[str]) -> str:
        return _dotted(match[0], "name") if match[0].lower() in known else match[0]

    return re.sub(r"[^\W\d_]{2,}", name, EMAIL.sub(email, NUMBER.sub(number, text)))


def personal_details(texts: list[str], names: list[str] | None = None) -> frozenset[str]:
    """Return what a patient told of themselves: numbers (last ten digits), e-mail addresses, words of names."""
    found: set[str] = set()
    for text in texts:
        for detail in find_details(text):
            said = text[detail.start:detail.end]
            if detail.kind == "number":
                found.add(_digits(said)[-10:])
            elif detail.kind == "email":
                found.add(said.lower())
            elif detail.kind == "name":
                found.update(_words(said))
    for name in names or []:
        found.update(_words(name))
    return frozenset(found)


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[^\W\d_]{2,}", name)]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _dotted(text: str, kind: str) -> str:
    """Return a detail with dots in place of its letters and digits; enough stays to tell two apart."""
    if kind == "email" and "@" in text.strip("@"):
        name, _, host = text.partition("@")
        return f"{name[:1]}{DOT * (len(name) - 1)}@{host}"
    if kind == "number":
        return re.sub(r"\d", DOT, text[:-2]) + text[-2:]
    if kind == "name":
        return re.sub(r"[^\W\d_](?<!\b[^\W\d_])|(?<=\w)[^\W\d_]", DOT, text)
    return re.sub(r"[^\W_]", DOT, text)
