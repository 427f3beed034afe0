"""The seeded records that the desk is measured on, and that every page that is measured can be asked for."""

from __future__ import annotations

import pytest

from bench import desk as bench
from bench.records import Maker
from bot.records.models import Alert, Conversation, Message, Verdict

pytestmark = pytest.mark.django_db


def _made(seed: int) -> list[str]:
    Maker(60, 6, seed).write()
    texts = list(Message.objects.order_by("id").values_list("text", flat=True))
    assert (Conversation.objects.count(), len(texts)) == (60, 360)
    assert Verdict.objects.count() == 180
    Conversation.objects.all().delete()
    return texts


def test_the_same_seed_gives_the_same_words() -> None:
    assert _made(1) == _made(1) != _made(2)


def test_every_measured_page_comes() -> None:
    Maker(60, 6).write()
    Alert.objects.create(conversation=Conversation.objects.order_by("id")[0], priority="P1", reason="crisis.suicide")
    pages = bench.pages(bench.signed_in())
    assert len(pages) > 20
    for ask in pages.values():
        ask()  # raises unless the page comes
