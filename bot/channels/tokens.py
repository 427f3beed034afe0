"""The signed token that lets a browser speak for one conversation and no other."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import lru_cache

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
        conversation, issued = _signed(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadToken from error
    if time.time() - issued > MAX_AGE.total_seconds():
        raise BadToken
    return conversation


@lru_cache(maxsize=8192)
def _signed(token: str) -> tuple[int, int]:
    """Return a token's conversation and when it was issued (seconds since 1970); raises what `signing.loads` does.

    A chat sends the same token with every message: a signature that held once holds again.
    """
    conversation = int(signing.loads(token, salt=SALT))
    return conversation, signing.b62_decode(token.rsplit(":", 2)[1])
