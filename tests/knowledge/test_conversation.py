"""What a message means in the course of a conversation, and what the assistant does not say twice."""

from __future__ import annotations

import pytest

from bot.knowledge import Answer, Knowledge, Situation, converse


def talk(knowledge: Knowledge, *messages: str) -> list[tuple[Answer, ...]]:
    """Return the answers to each message of a conversation."""
    situation, out = Situation(first=True), []
    for message in messages:
        answers = converse(knowledge, message, None, situation)
        for answer in answers:
            situation = situation.after(answer)
        out.append(answers)
    return out


def topics(knowledge: Knowledge, *messages: str) -> list[list[str]]:
    return [[answer.topic for answer in answers] for answers in talk(knowledge, *messages)]


@pytest.mark.parametrize("first, then, topic", [
    ("what happens in a session", "how long?", "T26"),
    ("how quickly does ketamine work", "and how long does it last?", "T13"),
    ("what are the side effects", "do they go away?", "T24"),
    ("what are the side effects", "how long do they last", "T24"),
    ("what happens during an infusion", "and the side effects?", "T19"),
    ("how well does it work", "what about for PTSD", "T34"),
    ("how well does it work", "what if it doesn't", "T15"),
    ("who might be considered for ketamine therapy", "who shouldn't?", "T18"),
    ("what happens in a session", "is someone there", "T27"),
    ("what are the side effects", "and long term?", "T20"),
    ("is ketamine approved", "does insurance cover that", "T36"),
    ("what is ketamine therapy", "how does it work", "T08"),
    ("how quickly does it work", "ok thanks, and is it safe", "T23"),
])
def test_a_follow_up_is_read_beside_the_last_answer(knowledge: Knowledge, first: str, then: str, topic: str) -> None:
    assert topics(knowledge, first, then)[1] == [topic]


@pytest.mark.parametrize("then, topic", [
    ("how long does an infusion take", "T26"), ("how many mg will i get", "N01"), ("is ketamine addictive", "T21")])
def test_a_whole_question_is_read_by_itself(knowledge: Knowledge, then: str, topic: str) -> None:
    assert topics(knowledge, "how quickly does ketamine work", then)[1] == [topic]


@pytest.mark.parametrize("message, expected", [
    ("what are the side effects and how long is an infusion?", ["T19", "T26"]),
    ("Is ketamine addictive? And does insurance cover it?", ["T21", "T36"]),
    ("how does ketamine work in the brain? how many mg will i get?", ["T08", "N01"]),
    ("what are the side effects and how long do they last", ["T19", "T24"]),
    ("what is bdnf, what is an nmda receptor", ["T10", "T09"]),
])
def test_two_questions_get_two_answers(knowledge: Knowledge, message: str, expected: list[str]) -> None:
    assert topics(knowledge, message) == [expected]


@pytest.mark.parametrize("message", [
    "Is it safe? I mean, can it hurt me?", "My sister had an infusion for pain. Is ketamine addictive?",
    "what are the risks and benefits"])
def test_one_question_gets_one_answer(knowledge: Knowledge, message: str) -> None:
    assert len(talk(knowledge, message)[0]) == 1


@pytest.mark.parametrize("asked", ["where does it say that?", "source?", "says who", "which article is that from"])
def test_the_source_is_quoted_when_asked_for(knowledge: Knowledge, asked: str) -> None:
    (first,), (answer,) = talk(knowledge, "how long is an infusion", asked)
    assert answer.sources == first.sources
    assert all(source.title in answer.text and source.quote in answer.text for source in first.sources)
    assert "FDA, 10 Oct 2023" in answer.text  # where the caveat comes from


def test_the_source_of_a_rule_is_not_an_article(knowledge: Knowledge) -> None:
    _, (answer,) = talk(knowledge, "how many mg will i get", "where does it say that")
    assert answer.kind == "abstain" and "not from an article" in answer.text


def test_tell_me_more_says_what_was_not_said(knowledge: Knowledge) -> None:
    said: set[str] = set()
    for answers in talk(knowledge, "how does ketamine work in the brain", *["tell me more"] * 8):
        for source in answers[0].sources:
            key = f"{answers[0].topic} {source.quote}"
            assert key not in said or source.quote == knowledge.composer.wording.risk.quote
            said.add(key)
    assert len(said) > 5


def test_more_of_nothing_is_no_more(knowledge: Knowledge) -> None:
    _, (answer,) = talk(knowledge, "how many mg will i get", "tell me more")
    assert answer.kind == "abstain" and not answer.sources


def test_a_caveat_is_not_repeated_unless_the_topic_demands_it(knowledge: Knowledge) -> None:
    asked = ["what happens in a session", "how long is an infusion", "how is a patient monitored",
             "what happens before treatment starts", "is everyone's treatment the same", "how quickly does it work",
             "does it work for everyone", "is ketamine approved for depression", "is it addictive",
             "does a history of addiction matter", "who might not be a good candidate"]
    shown: set[str] = set()
    for question, (answer, *_) in zip(asked, talk(knowledge, *asked), strict=True):
        entry = knowledge.entry(answer.topic)
        assert entry is not None
        assert not (set(answer.caveats) & shown) - set(entry.demands), question
        shown |= set(answer.caveats)
    assert {"K-CLINIC", "K-FDA", "K-ONSET", "K-DEP"} <= shown


@pytest.mark.parametrize("topic", [f"T{number:02d}" for number in range(1, 45)])
def test_a_first_answer_carries_the_topics_own_block_and_the_drugs_status(knowledge: Knowledge, topic: str) -> None:
    entry = knowledge.entry(topic)
    assert entry is not None
    answer = knowledge.composer.entry(entry, 1.0, Situation(first=True))
    assert len(answer.caveats) <= 2
    assert not entry.caveats or entry.caveats[0] in answer.caveats
    depression_only = topic in ("T03", "T04", "T05", "T06", "T07", "T41")
    assert ("K-FDA" in answer.caveats) != depression_only


def test_the_crisis_block_comes_with_alarming_words_every_time(knowledge: Knowledge) -> None:
    for shown in (frozenset(), frozenset({"K-CRISIS", "K-FDA"})):
        answer = knowledge.say(knowledge.find("how quickly does ketamine work"), Situation(alarming=True, shown=shown))
        assert "K-CRISIS" in answer.caveats and len(answer.caveats) <= 3
        assert "call or text 988" in answer.text


def test_which_of_two_is_asked_once_and_the_choice_is_understood(knowledge: Knowledge) -> None:
    options = Situation(first=True, options=("T19", "T23"))
    for said, expected in {"the first one": ["T19"], "2": ["T23"], "both": ["T19", "T23"], "the second": ["T23"],
                           "What are the side effects?": ["T19"]}.items():
        assert [answer.topic for answer in converse(knowledge, said, None, options)] == expected
    unsure = knowledge.find("ketamine")
    if unsure.maybe:
        assert knowledge.say(unsure, Situation()).topic == "unsure"
        assert knowledge.say(unsure, options).topic != "unsure"


@pytest.mark.parametrize("text", ["", "?", "more", "1", "the first one", "where does it say that", "🙂" * 500, "a?" * 2000])
def test_any_text_at_any_point_gets_an_answer(knowledge: Knowledge, text: str) -> None:
    for situation in (Situation(), Situation(topic="T01"), Situation(topic="passage"), Situation(topic="gone")):
        answers = converse(knowledge, text, None, situation)
        assert answers and all(answer.text for answer in answers)


def test_an_answer_with_a_thousand_times_the_articles_costs_less_than_ten_times_as_much(knowledge: Knowledge) -> None:
    from bench.articles import SEARCHED, median_ms, with_passages

    assert knowledge.passages
    few, many = with_passages(knowledge, 50), with_passages(knowledge, 10_000)
    assert any(many.find(question).entry is None for question in SEARCHED)
    assert median_ms(many, SEARCHED) < 10 * median_ms(few, SEARCHED)
