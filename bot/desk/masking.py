"""Phones and addresses are shown masked until somebody gives a reason to see them."""

from __future__ import annotations

import re

import phonenumbers

DOT = "•"
# A run that may be a phone, a birthday, a card or an insurance number: seven digits or more.
_NUMBER = re.compile(r"(?<![\w.])\+?\(?\d(?:[\s().\-/]{0,2}\d){6,}(?!\w)")
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


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


def mask_text(text: str) -> str:
    """Return the text with long numbers and e-mail addresses dotted out, every character in its place.

    The length stays, so that the screen's spans still point at the right words.
    """
    return _EMAIL.sub(_dot_email, _NUMBER.sub(_dot_number, text))


def mask_known(text: str, known: frozenset[str]) -> str:
    """Return our own text with only those numbers and addresses masked that belong to the patient."""
    def number(match: re.Match[str]) -> str:
        return _dot_number(match) if _digits(match[0])[-10:] in known else match[0]

    def email(match: re.Match[str]) -> str:
        return _dot_email(match) if match[0].lower() in known else match[0]

    return _EMAIL.sub(email, _NUMBER.sub(number, text))


def personal_details(texts: list[str]) -> frozenset[str]:
    """Return the numbers (last ten digits) and e-mail addresses found in what a patient wrote."""
    found: set[str] = set()
    for text in texts:
        found.update(_digits(match)[-10:] for match in _NUMBER.findall(text))
        found.update(match.lower() for match in _EMAIL.findall(text))
    return frozenset(found)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _dot_number(match: re.Match[str]) -> str:
    text = match[0]
    return re.sub(r"\d", DOT, text[:-2]) + text[-2:]


def _dot_email(match: re.Match[str]) -> str:
    name, _, host = match[0].partition("@")
    return f"{name[0]}{DOT * (len(name) - 1)}@{host}"
