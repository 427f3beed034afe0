"""Phone numbers as people write them and as carriers want them."""

from __future__ import annotations

import phonenumbers


def e164(text: str, country: str) -> str:
    """Return a number as carriers want it (+12125550142); what is no number stays as it is."""
    try:
        number = phonenumbers.parse(text, "US" if country == "INT" else country)
    except phonenumbers.NumberParseException:
        return text
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
