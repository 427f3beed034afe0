"""The private address of a staff member's calendar feed."""

from __future__ import annotations

from django.core.signing import Signer

from bot.settings import get_settings

FEED_SALT = "calendar-feed"


def feed_of(staff: str = "everyone") -> str:
    """Return the address of a staff member's feed, or of everyone's; who has it can read it."""
    return f"{get_settings().env.public_url}/feeds/{Signer(salt=FEED_SALT).sign(staff)}.ics"
