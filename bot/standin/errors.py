"""Twilio's refusals, and the numbers that provoke them (the first five are Twilio's own test numbers)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class Refusal(Exception):
    """An error of the REST API."""

    status: int
    code: int
    message: str

    def as_json(self) -> dict[str, object]:
        """Return the body of the answer."""
        return {"code": self.code, "message": self.message, "status": self.status,
                "more_info": f"https://www.twilio.com/docs/errors/{self.code}"}


AUTHENTICATE = Refusal(401, 20003, "Authenticate")
NOT_FOUND = Refusal(404, 20404, "The requested resource was not found")
TOO_MANY = Refusal(429, 20429, "Too Many Requests")
BROKEN = Refusal(500, 20500, "An internal server error has occurred")
NO_TO = Refusal(400, 21604, "A 'To' phone number is required.")
NO_FROM = Refusal(400, 21603, "A 'From' phone number is required.")
NO_BODY = Refusal(400, 21602, "Message body is required.")
TOO_LONG = Refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit")
NOT_OURS = Refusal(400, 21606, "The 'From' phone number provided is not a valid message-capable Twilio phone number "
                               "for this destination/account")
INVALID_TO = Refusal(400, 21211, "The 'To' number is not a valid phone number.")
OPTED_OUT = Refusal(400, 21610, "Attempt to send to unsubscribed recipient")

REFUSED_NUMBERS = {
    "+15005550001": INVALID_TO,
    "+15005550002": Refusal(400, 21612, "The 'To' number is not currently reachable using the 'From' phone number"),
    "+15005550003": Refusal(400, 21408, "Permission to send an SMS has not been enabled for the region indicated by "
                                        "the 'To' number"),
    "+15005550004": OPTED_OUT,
    "+15005550009": Refusal(400, 21614, "'To' number is not a valid mobile number"),
}
# Texts to these are taken and then not delivered: +15005553003 with error 30003, and so on to 30008.
UNDELIVERED_NUMBERS = {f"+1500555{code - 27000}": code for code in range(30003, 30009)}
