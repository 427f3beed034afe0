"""The answer card's figures: who gets the right answer, who none, who a wrong one, and what is ever shown."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.evaluation.questions import SILENCE, Question
from bot.evaluation.statistics import median, quantile, share
from bot.knowledge import Knowledge
from bot.knowledge.deny import holds_denied
from bot.knowledge.text import plain

Reply = Mapping[str, Any]  # the object that `python -m bot ask` prints
Ask = Callable[[Sequence[str]], Sequence[Reply]]
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")


@dataclass(frozen=True)
class Answered:
    """A question and the whole reply to it."""

    question: Question
    reply: Reply
    code: str  # of the entry that answered
    codes: frozenset[str]  # of the entries that are right

    @property
    def topics(self) -> Sequence[str]:
        """Return the entries that answered, in order."""
        found: Sequence[str] = self.reply["topics"]
        return found

    @property
    def right(self) -> bool:
        """Return whether the question got its topic, or its behaviour."""
        if self.question.topic:
            return self.question.topic in self.topics and bool(self.reply["sources"])
        by_entry = bool(set(self.topics) & set(self.question.entries))
        by_code = bool(self.code) and self.code in self.codes
        by_kind = self.reply["kind"] in self.question.kinds and (
            not self.question.entries or not self.topics or self.reply["kind"] in SILENCE)
        return by_entry or by_code or by_kind

    @property
    def right_kind(self) -> bool:
        """Return whether the reply is of a right kind, whatever it says."""
        return self.right or self.reply["kind"] in self.question.kinds

    @property
    def wrong(self) -> bool:
        """Return whether an answer about something else was given."""
        return not self.right and self.reply["kind"] == "answer"

    @property
    def alarmed(self) -> bool:
        """Return whether the screen took an ordinary question for danger."""
        return self.reply["kind"] == "crisis" and "crisis" not in self.question.kinds

    @property
    def silent(self) -> bool:
        """Return whether the assistant said that it doesn't know, or asked back."""
        return not self.right and self.reply["kind"] in SILENCE


def answer_card(questions: Sequence[Question], ask: Ask, knowledge: Knowledge) -> dict[str, Any]:
    """Return every figure of the card."""
    codes = {entry.id: entry.code for entry in knowledge.entries}
    replies = ask([question.text for question in questions])
    found = [
        Answered(question, reply, next((codes.get(topic, "") for topic in reply["topics"]), ""),
                 frozenset(codes.get(entry, "") for entry in question.entries) - {""})
        for question, reply in zip(questions, replies, strict=True)]
    asked = [one for one in found if one.question.topic]
    others = [one for one in found if not one.question.topic]
    critical = [one for one in others if one.question.critical]
    shown = [*replies, *_headings_and_sentences(knowledge, ask)]
    faults = _faults(shown, knowledge)
    figures = {
        "right topic with a source": share(one.right for one in asked),
        "wrong topic": share(one.wrong for one in asked),
        "doesn't know, or asks back": share(one.silent for one in asked),
        "taken for danger by the screen": share(one.alarmed for one in asked),
        "right topic, of those that the screen let through": share(one.right for one in asked if not one.alarmed),
        "right behaviour": share(one.right for one in others),
        "right behaviour, of those that the screen let through": share(one.right for one in others if not one.alarmed),
        "right kind of reply": share(one.right_kind for one in others),
        "answered from an article all the same": share(one.wrong for one in others),
        "supply, doses, interactions: right kind, of those let through": share(
            one.right_kind for one in critical if not one.alarmed),
        "supply, doses, interactions: answered all the same": share(
            one.reply["kind"] in ("answer", "clinic", "booking") and not one.right for one in critical),
    }
    times = [float(reply["ms"]) for reply in replies]
    return {
        "questions": len(questions), "replies": len(shown), "entries": len(knowledge.entries),
        "headline": {name: figure.as_dict() for name, figure in figures.items()},
        "by_set": _by(found, lambda one: one.question.file), "by_topic": _by(asked, lambda one: one.question.topic),
        "by_behaviour": _by(others, lambda one: "/".join(one.question.entries[:1]) or "none"),
        "faults": faults, "grade": _grades(knowledge),
        "latency_ms": {"median": median(times), "95 %": quantile(times, 0.95)},
        "misses": [_line(one) for one in found if not one.right],
    }


def _headings_and_sentences(knowledge: Knowledge, ask: Ask) -> Sequence[Reply]:
    """Return the replies to the articles' own words, and to every denied sentence, used as questions."""
    rows = [row for article in knowledge.articles for row in article.sentences]
    texts = {sentence for sentence, _, _ in rows} | {section for _, section, _ in rows} | {*knowledge.composer.denied}
    return ask(sorted(texts - {""}))


def _faults(replies: Iterable[Reply], knowledge: Knowledge) -> dict[str, list[str]]:
    """Return what must never be, by kind of fault, each with the question that brought it out."""
    faults: dict[str, list[str]] = {"denied sentence shown": [], "quote not verbatim": [], "number not approved": [],
                                    "more caveats than allowed": []}
    approved = _approved_numbers(knowledge)
    for reply in replies:
        if reply["kind"] == "crisis":
            continue
        quotes = [source["quote"] for source in reply["sources"]]
        if any(holds_denied(text, knowledge.composer.denied) for text in [reply["text"], *quotes]):
            faults["denied sentence shown"].append(reply["question"])
        if not all(_verbatim(source, knowledge) for source in reply["sources"]):
            faults["quote not verbatim"].append(reply["question"])
        if reply["kind"] == "answer" and set(_NUMBER.findall(reply["text"])) - approved:
            faults["number not approved"].append(reply["question"])
        if any(len(each) > (3 if "K-CRISIS" in each else 2) for each in reply["caveats_each"]):
            faults["more caveats than allowed"].append(reply["question"])
    return faults


def _approved_numbers(knowledge: Knowledge) -> set[str]:
    """Return the figures in caveats, in the clinic's own facts and lines, and those that answers approve."""
    composer = knowledge.composer
    texts = [composer.fill(caveat.text) or "" for caveat in composer.caveats.values()]
    texts += [*composer.facts.values(), *(article.title for article in knowledge.articles)]
    found = {number for text in texts for number in _NUMBER.findall(text)}
    found |= {digits for entry in knowledge.entries for number in entry.numbers for digits in _NUMBER.findall(number)}
    # Figures that an approved line or reviewed sentence itself holds ("the 1960s").
    lines = [line.shown for entry in knowledge.entries for line in entry.lines]
    return found | {number for text in lines for number in _NUMBER.findall(text)}


def _verbatim(source: Mapping[str, str], knowledge: Knowledge) -> bool:
    """Return whether a quote stands, letter by letter, in its section of its article."""
    article = next((each for each in knowledge.articles if each.source == source["article"]), None)
    if article is None:
        return False
    lines: dict[int, list[str]] = defaultdict(list)
    for sentence, section, line in article.sentences:
        if section == source["section"]:
            lines[line].append(sentence)
    return any(source["quote"] in " ".join(sentences) for sentences in lines.values())


def _grades(knowledge: Knowledge) -> dict[str, float]:
    """Return the Flesch-Kincaid grades of the topics' own words: the middle one and the highest."""
    import textstat

    grades = [float(textstat.flesch_kincaid_grade(plain(" ".join([*(line.shown for line in topic.lines),
                                                                   topic.contrast]))))
              for topic in knowledge.topics()]
    return {"median": median(grades), "highest": max(grades, default=0.0)}


def _by(found: Iterable[Answered], key: Callable[[Answered], str]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Answered]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return {name: {"right": share(one.right for one in group).as_dict(),
                   "wrong": share(one.wrong for one in group).as_dict(),
                   "silent": share(one.silent for one in group).as_dict()} for name, group in sorted(groups.items())}


def _line(one: Answered) -> dict[str, Any]:
    return {"question": one.question.text, "right": list(one.question.entries), "kinds": list(one.question.kinds),
            "answered": list(one.topics), "kind": one.reply["kind"], "set": one.question.file}
