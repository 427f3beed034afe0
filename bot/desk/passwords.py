"""Passwords that are on a list of leaked ones, or built from such, are refused."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

LONGEST = 72  # characters that are looked at; zxcvbn takes no more
ENOUGH = 10 ** 10  # guesses: far beyond what throttled sign-ins and argon2 allow


class NotLeaked:
    """Asks zxcvbn, whose lists of leaked passwords, names and words come with it; nothing goes over a network."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise `ValidationError` for a password that is known or easily guessed."""
        own = [user.get_username(), user.first_name, user.last_name] if user else []
        found = zxcvbn(password[:LONGEST], user_inputs=[text for text in own if text])
        if any(part.get("pattern") == "dictionary" and part.get("dictionary_name") == "passwords"
               and len(part["token"]) == len(password) for part in found["sequence"]):
            raise ValidationError(_("This password is on a list of leaked passwords."), code="leaked")
        if found["guesses"] < ENOUGH:
            raise ValidationError(_("This password is easily guessed. Three or four unrelated words are good."),
                                  code="guessable")

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return _("Not on a list of leaked passwords, and not easily guessed.")
