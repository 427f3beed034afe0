"""The signed token that lets a browser speak for one conversation and no other."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

from bot.records.models import Conversation

SALT = "bot.channels.conversation"
MAX_AGE = timedelta(days=7)


class BadToken(Exception):
    """The token is missing, forged, too old, or its conversation was erased."""


def issue(conversation: Conversation) -> str:
    """Return the token of a web conversation."""
    return signing.dumps(conversation.pk, salt=SALT)


def conversation_id(token: str) -> int:
    """Return the id of the conversation a token speaks for; raises `BadToken`."""
    try:
        return int(signing.loads(token, salt=SALT, max_age=MAX_AGE))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadToken from error
