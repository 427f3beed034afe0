"""A token speaks for its own conversation, for a week, and nobody can make one."""

from __future__ import annotations

import pytest
from django.core import signing

from bot.channels import tokens
from bot.records.models import Conversation


def test_a_token_names_its_conversation_again_and_again() -> None:
    token = tokens.issue(Conversation(pk=17))
    assert [tokens.conversation_id(token) for _ in range(2)] == [17, 17]


def test_a_token_ends_after_a_week_also_when_it_was_seen_before(monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.issue(Conversation(pk=17))
    assert tokens.conversation_id(token) == 17
    later = tokens.time.time() + tokens.MAX_AGE.total_seconds() + 5
    monkeypatch.setattr(tokens.time, "time", lambda: later)
    with pytest.raises(tokens.BadToken):
        tokens.conversation_id(token)


@pytest.mark.parametrize("token", ["", "x", "1:2:3", "MTc:1tabc:" + "A" * 43, "a" * 5000])
def test_what_was_not_signed_here_is_refused(token: str) -> None:
    for _ in range(2):
        with pytest.raises(tokens.BadToken):
            tokens.conversation_id(token)


def test_a_token_for_another_purpose_or_conversation_is_refused() -> None:
    good = tokens.issue(Conversation(pk=17))
    moved = signing.dumps(18, salt=tokens.SALT).split(":")[0] + ":" + good.split(":", 1)[1]
    for token in (signing.dumps(17, salt="another.salt"), moved, signing.dumps("no number", salt=tokens.SALT)):
        with pytest.raises(tokens.BadToken):
            tokens.conversation_id(token)
