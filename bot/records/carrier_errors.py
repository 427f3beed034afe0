"""Twilio's error codes: what they mean in words, and whether another try helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from bot.settings import ROOT, read_yaml

OPTED_OUT = 21610


@dataclass(frozen=True)
class CarrierError:
    """One code; `again` holds the waits before further tries."""

    code: int
    says: str
    again: tuple[timedelta, ...] = ()
    landline: bool = False

    def wait(self, tries: int) -> timedelta | None:
        """Return how long to wait before the next try after so many, or None when it is given up."""
        return self.again[tries - 1] if 0 < tries <= len(self.again) else None


def carrier_error(code: int | None) -> CarrierError:
    """Return what is known of a code; of an unknown one only its number."""
    found = _errors().get(code or 0)
    return found or CarrierError(code or 0, f"The carrier refused it (code {code})." if code else "It was not sent.")


@lru_cache(maxsize=1)
def _errors() -> dict[int, CarrierError]:
    raw = read_yaml(ROOT / "data" / "sms" / "errors.yml")["errors"]
    return {int(code): CarrierError(int(code), entry["says"],
                                    tuple(timedelta(minutes=minutes) for minutes in entry.get("again", ())),
                                    bool(entry.get("landline")))
            for code, entry in raw.items()}
