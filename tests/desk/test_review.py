"""Judgements, second opinions, their agreement, and the diff that comes of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from bot.desk import corrections
from bot.desk.models import Review, Role
from bot.knowledge.entries import read_phrasings
from bot.records.models import Conversation, Message, Verdict
from bot.screening.examples import read_examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(db: None) -> Message:
    """Return a reply that did not answer a question, which names the patient."""
    conversation = Conversation.objects.create(channel="web")
    question = Message.objects.create(conversation=conversation, sender="patient",
                                      text="my name is maria lopez, does it help with \"long covid\"?")
    Verdict.objects.create(message=question, tier="none", category="none", subject="self", language="en", ms=1)
    return Message.objects.create(conversation=conversation, sender="bot", kind="abstain", answers=question,
                                  text="The articles don't say.")


def _judge(client: Client, message: Message, **fields: str) -> Any:
    return client.post(f"/desk/m/{message.pk}/review/", fields)


def test_a_judgement_says_what_it_should_have_been(enter: Callable[..., Client], asked: Message) -> None:
    client = enter("eva", Role.REVIEWER)
    assert "Please say what" in _judge(client, asked, mark="wrong_answer").content.decode()
    assert _judge(client, asked, mark="wrong_answer", topic="T34").status_code == 302
    assert _judge(client, asked, mark="missed_danger", tier="crisis").status_code == 200  # not of our own reply
    assert Review.objects.get().opinion == ("wrong_answer", "", "", "T34")
    assert _judge(client, asked, mark="good", topic="T34").status_code == 302
    assert Review.objects.get().opinion == ("good", "", "", "")


def test_the_second_opinion_does_not_see_the_first(enter: Callable[..., Client], asked: Message) -> None:
    ana, ben, address = enter("ana"), enter("ben"), f"/desk/m/{asked.pk}/review/"
    _judge(ana, asked, mark="wrong_answer", topic="T34")
    before = ben.get(address).content.decode()
    assert "Ana Example" not in before
    assert "maria" not in before
    _judge(ben, asked, mark="good")
    assert "Ana Example: Wrong answer" in ben.get(address).content.decode()


def _review(message: Message, user: Any, mark: str, **more: str) -> Review:
    return Review.objects.create(message=message, reviewer=user, mark=mark, **more)


def test_agreement_and_kappa(person: Callable[..., Any]) -> None:
    ana, ben = person("ana"), person("ben")
    conversation = Conversation.objects.create(channel="web")
    for one, other in (("good", "good"), ("good", "good"), ("false_alarm", "false_alarm"), ("good", "false_alarm")):
        message = Message.objects.create(conversation=conversation, sender="patient", text="x")
        _review(message, ana, one)
        _review(message, ben, other)
    found = corrections.measure(Review.objects.order_by("id"))
    assert (found.both, found.same) == (4, 3)
    # By hand: seen 3/4; chance (3*2 + 1*2)/16 = 1/2; kappa (3/4 - 1/2) / (1 - 1/2) = 1/2.
    assert found.kappa == pytest.approx(0.5)
    assert found.share == 0.75


def test_only_what_two_people_agree_on_becomes_a_diff_that_applies(person: Callable[..., Any], asked: Message,
                                                                   crisis: Conversation, tmp_path: Path) -> None:
    ana, ben = person("ana"), person("ben")
    said = crisis.messages.get(sender="patient")
    _review(asked, ana, "should_have_answered", topic="T34")
    _review(said, ana, "false_alarm", tier="check_in", category="distress")
    assert corrections.diff(tmp_path) == ""
    _review(asked, ben, "should_have_answered", topic="T34")
    _review(said, ben, "false_alarm", tier="info", category="distress")
    first = corrections.diff(tmp_path)
    assert "maria" not in first.lower()
    assert "false" not in first
    eva = person("eva")
    _review(said, eva, "false_alarm", tier="check_in", category="distress")
    whole = corrections.diff(tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply"], cwd=tmp_path, input=whole, text=True, check=True)
    example, = read_examples(tmp_path / corrections.EXAMPLES.parent)
    assert (example.tier.value, example.category.value, example.language) == ("check_in", "distress", "en")
    assert "555-010-0177" not in example.text
    by_topic, _ = read_phrasings(tmp_path / "data" / "answers")
    assert by_topic["T34"][0].endswith('does it help with "long covid"?')
    assert corrections.diff(tmp_path) == ""  # what was applied is not offered again


def test_what_the_patient_wanted_becomes_an_example_that_rasa_reads(enter: Callable[..., Client], asked: Message,
                                                                    tmp_path: Path) -> None:
    from rasa.shared.nlu.training_data.loading import load_data

    Message.objects.filter(pk=asked.answers_id).update(text="I am Maria Lopez, can I (please) come [in] tuesday")
    for name in ("ana", "ben"):
        assert _judge(enter(name), asked, mark="wrong_answer", topic="intent:book_consultation").status_code == 302
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply"], cwd=tmp_path, input=corrections.diff(tmp_path), text=True, check=True)
    example, = load_data(str(tmp_path / corrections.INTENTS)).intent_examples
    assert example.get("intent") == "book_consultation"
    assert example.get("text") == "I am Sam, can I please come in tuesday"
    assert corrections.diff(tmp_path) == ""


def test_later_corrections_are_added(person: Callable[..., Any], asked: Message, tmp_path: Path) -> None:
    path = tmp_path / corrections.PHRASINGS
    path.parent.mkdir(parents=True)
    path.write_text('author: the-desk\nphrasings:\n  T01:\n    - "what is it"\n')
    for name in ("ana", "ben"):
        _review(asked, person(name), "wrong_answer", topic=corrections.NO_TOPIC)
    text = corrections.diff(tmp_path)
    assert [line for line in text.splitlines() if line.startswith("-")] == ["--- a/" + str(corrections.PHRASINGS)]
    subprocess.run(["git", "apply"], cwd=tmp_path, input=text, text=True, check=True)
    content = yaml.safe_load(path.read_text())
    assert content["phrasings"] == {"T01": ["what is it"]}
    assert len(content["none"]) == 1


def test_the_page_lists_what_wants_a_second_opinion(enter: Callable[..., Client], person: Callable[..., Any],
                                                    asked: Message) -> None:
    _review(asked, person("ben"), "wrong_answer", topic="T34")
    page = enter("ana").get("/desk/review/").content.decode()
    assert asked.conversation.case in page.split("Want a second opinion")[1].split("Disputed")[0]
    assert "No message has two judgements yet" in page
