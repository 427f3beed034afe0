"""What the articles don't say, grouped by meaning with the real embedding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bot.desk import unanswered
from bot.desk.models import QuestionGroup
from bot.records.models import Conversation, Message

pytestmark = pytest.mark.django_db
PARKING = ("is there parking at the clinic", "Where can I park my car?", "do you have a parking lot",
           "is there parking at the clinic")
PETS = ("can i bring my dog", "Are dogs allowed?")


def _ask(texts: tuple[str, ...], kind: str = "abstain", days: int = 0) -> None:
    for text in texts:
        conversation = Conversation.objects.create(channel="web")
        question = Message.objects.create(conversation=conversation, sender="patient", text=text)
        Message.objects.create(conversation=conversation, sender="bot", kind=kind, answers=question, text="I don't know.",
                               at=timezone.now() - timedelta(days=days))


def test_questions_of_one_meaning_are_one_group(enter: Callable[..., Client]) -> None:
    _ask(PARKING)
    _ask(PETS, kind="out_of_scope")
    _ask(("what is ketamine",), kind="answer")
    _ask(("is there a gym",), days=unanswered.DAYS + 1)
    unanswered.regroup(timezone.now())
    groups = list(QuestionGroup.objects.all())
    assert [group.count for group in groups] == [4, 2]
    assert len(groups[0].examples) == 3  # the same words once
    page = enter().get("/desk/unanswered/").content.decode()
    assert "do you have a parking lot" in page
    assert "ketamine</li>" not in page


def test_grouping_anew_replaces_and_erased_questions_go(enter: Callable[..., Client]) -> None:
    _ask(PETS)
    client = enter()
    client.post("/desk/unanswered/group/")
    Conversation.objects.update(erased_at=timezone.now())
    client.post("/desk/unanswered/group/")
    assert not QuestionGroup.objects.exists()


def test_examples_are_masked() -> None:
    _ask(("my name is maria, can you fax 555-010-0177",))
    unanswered.regroup(timezone.now())
    text = str(QuestionGroup.objects.get().examples)
    assert "aria" not in text
    assert "010" not in text


def test_without_the_embedding_equal_questions_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unanswered, "_embedder", lambda: None)
    _ask(PARKING)
    assert unanswered.regroup(timezone.now()) == 3


def test_nothing_asked_is_no_group() -> None:
    assert unanswered.regroup(timezone.now()) == 0
