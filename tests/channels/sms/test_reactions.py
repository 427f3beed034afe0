"""A thumb on a text of ours is no message, and never danger; on the direct question it is an answer."""

from __future__ import annotations

import pytest

from bot.channels.gateway import Gateway
from bot.channels.sms.reactions import reaction, reaction_rules
from bot.records.models import Alert, Conversation, Message, Outbox
from tests.channels.conftest import Scripted
from tests.channels.sms.twilio import text


@pytest.mark.parametrize("words, says", reaction_rules()["examples"].items())
def test_what_phones_send(words: str, says: str | None) -> None:
    found = reaction(words)
    assert (found and found.says) == says


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
class TestByText:
    async def test_a_thumb_on_an_answer_is_kept_and_not_answered(self, scripted: Scripted, real_gateway: Gateway) -> None:
        replies = await text("how much is it?")
        turns = len(scripted.turns)
        assert await text(f"Liked “{replies[-1]}”") == []
        assert len(scripted.turns) == turns
        last = await real_gateway.in_thread(lambda: Message.objects.filter(sender="patient").latest("id"))
        assert last.text.startswith("Liked") and last.answered_at is not None

    async def test_our_own_words_about_danger_are_none_of_the_patients(
            self, scripted: Scripted, real_gateway: Gateway) -> None:
        replies = await text("HELP")
        assert await text(f"Loved “{replies[0][:60]}…”") == []
        assert not await real_gateway.in_thread(Alert.objects.exists)

    @pytest.mark.parametrize("tap, tiers", [("Liked", ("crisis", "emergency")), ("Disliked", ("check_in",))])
    async def test_on_the_direct_question_it_is_an_answer(
            self, scripted: Scripted, real_gateway: Gateway, tap: str, tiers: tuple[str, ...]) -> None:
        replies = await text("i don't see a way forward anymore")
        assert await real_gateway.in_thread(lambda: Conversation.objects.get().question_open)
        answer = await text(f"{tap} “{replies[0]}”")
        assert answer
        assert await real_gateway.in_thread(lambda: Conversation.objects.get().tier) in tiers
        last = await real_gateway.in_thread(lambda: Message.objects.filter(sender="patient").latest("id"))
        assert last.extra["choice"].startswith(tap)

    async def test_words_that_are_not_ours_are_the_patients(self, scripted: Scripted, real_gateway: Gateway) -> None:
        await text("hello")
        assert "988" in (await text("Loved “I am going to kill myself tonight”"))[0]
        assert await real_gateway.in_thread(Outbox.objects.filter(message__kind="crisis").exists)
