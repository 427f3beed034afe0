"""Answers in the course of a conversation: follow-ups, choices, and several questions in one message."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.embedding import Vectors

from .knowledge import Finding, Knowledge
from .model import Answer, Entry, Passage, Situation
from .text import plain

NEW = Situation()
MOST_ANSWERS = 3
MOST_MORE = 2
APART = 0.35      # what each of several questions in a message needs to be answered apart
BESIDE = ("answer", "clinic", "refer", "refuse")
SHORT = 10        # words of a message that may lean on the last answer
POSSIBLE = 0.015   # what a topic needs by itself, when the last answer makes it likely
NEAR = 0.62       # cosine of a passage with the topic it adds to
AUDITED = 0.6     # share of a sentence that was marked as a claim, for it to be added to an answer

_ASKS = (r"(?:what|whats|what's|how|hows|how's|why|who|whos|when|where|which|can|could|do|does|did|is|are|am|will|"
         r"would|should|may|might|has|have)\b")
_FILLER = re.compile(
    r"^(?:(?:ok|okay|so|and|also|but|well|hi|hello|hey|plus|then|oh|um|please|pls|thanks)[,.!\s]+)+", re.I)
_PARTS = re.compile(rf"(?<=[?!.;])\s+|\n+|,?\s+(?:and|also|plus|&)\s+(?:also\s+)?(?={_ASKS})|,\s+(?={_ASKS})", re.I)
_ASKING = re.compile(rf"^{_ASKS}|\?\s*$", re.I)


def converse(knowledge: Knowledge, text: str, vector: Vectors | None = None,
             situation: Situation = NEW) -> tuple[Answer, ...]:
    """Return the answers to a message, one a question in it; never none."""
    follow = follow_up(knowledge, text, situation)
    if follow:
        return follow
    several = _several(knowledge, text, situation)
    if len(several) > 1:
        return several
    finding = knowledge.find(text, vector)
    if finding.entry is None:
        finding = _leaning(knowledge, text, situation, finding)
    return (knowledge.say(finding, situation),)


def follow_up(knowledge: Knowledge, text: str, situation: Situation) -> tuple[Answer, ...]:
    """Return what a message means only because of the last answer; nothing when it stands by itself."""
    move = knowledge.asides.move(text)
    if situation.options:
        chosen = _chosen(move, situation.options)
        if chosen:
            return _each(knowledge, chosen, situation)
    if not situation.topic:
        return ()
    moves: dict[str, Callable[[Knowledge, Situation], Answer]] = {"more": more, "source": where, "again": again}
    if move in moves:
        return (moves[move](knowledge, situation),)
    meant = knowledge.entry(knowledge.asides.question(text, situation.topic))
    return (knowledge.say(Finding(1.0, meant), situation),) if meant else ()


def beside(knowledge: Knowledge, text: str, situation: Situation) -> tuple[Answer, ...]:
    """Return the answer to a question that someone who wants to book asks in the same message."""
    for part in asked_parts(text):
        found = knowledge.find(part).entry
        if found is not None and found.kind in BESIDE:
            return (knowledge.say(Finding(1.0, found), situation),)
    return ()


def more(knowledge: Knowledge, situation: Situation) -> Answer:
    """Return what else stands beside the last answer's words, then what people ask next about it."""
    topic, composer = knowledge.entry(situation.topic), knowledge.composer
    if topic is None or topic.kind != "answer":
        return composer.plain(composer.wording.no_more, situation.topic, topic.suggestions if topic else ())
    found = _further(knowledge, topic, situation.told)
    if found or set(topic.caveats) - situation.shown:
        return composer.passages(found, composer.wording.more, topic.id, 1.0, situation, topic.caveats,
                                 topic.suggestions)
    ahead = next((key for key in topic.suggestions if key not in situation.answered), "")
    following = knowledge.entry(ahead)
    if following is None:
        return composer.plain(composer.wording.no_more, situation.topic, topic.suggestions)
    answer = knowledge.say(Finding(1.0, following), situation)
    return replace(answer, text=f"{composer.wording.next.format(title=following.title)}\n{answer.text}")


def where(knowledge: Knowledge, situation: Situation) -> Answer:
    """Return the article, section and words that the last answer came from, and its caveats' documents."""
    return knowledge.composer.where(situation)


def again(knowledge: Knowledge, situation: Situation) -> Answer:
    """Return the last answer once more: only reviewed words may be said, so there are no other ones."""
    topic = knowledge.entry(situation.topic)
    if topic is None:
        return where(knowledge, situation)
    return knowledge.composer.again(knowledge.say(Finding(1.0, topic), situation))


def asked_parts(text: str) -> list[str]:
    """Return the questions in a message, in order."""
    parts = [_FILLER.sub("", part.strip()) for part in _PARTS.split(plain(text))]
    return [part for part in parts if len(part.split()) > 1 and _ASKING.search(part)]


def _several(knowledge: Knowledge, text: str, situation: Situation) -> tuple[Answer, ...]:
    """Return an answer a question when a message has several, each sure and each about something else."""
    answers: list[Answer] = []
    parts = asked_parts(text)[:MOST_ANSWERS + 1]
    for part in parts if len(parts) > 1 else ():
        meant = knowledge.entry(knowledge.asides.question(part, situation.topic)) if answers else None
        finding = Finding(1.0, meant) if meant else knowledge.find(part)
        if finding.entry is None or finding.score < APART or finding.entry.id in {answer.topic for answer in answers}:
            continue
        answer = knowledge.say(finding, situation)
        situation = situation.after(answer)
        answers.append(answer)
    return tuple(answers[:MOST_ANSWERS])


def _leaning(knowledge: Knowledge, text: str, situation: Situation, alone: Finding) -> Finding:
    """Return what a short message means beside the last answer's topic, where it means too little by itself."""
    topic = knowledge.entry(situation.topic)
    if topic is None or len(text.split()) > SHORT:
        return alone
    together = knowledge.find(f"{topic.title} {text}")
    if together.entry is None or together.entry.id == topic.id:
        return alone
    possible = dict(knowledge.ranked(text, 3))
    return together if possible.get(together.entry.id, 0.0) >= POSSIBLE else alone


def _chosen(move: str, options: Sequence[str]) -> Sequence[str]:
    if move == "both":
        return options
    place = {"first": 0, "second": 1}.get(move)
    return options[place:place + 1] if place is not None else ()


def _each(knowledge: Knowledge, chosen: Sequence[str], situation: Situation) -> tuple[Answer, ...]:
    answers = []
    for entry in filter(None, map(knowledge.entry, chosen)):
        answers.append(knowledge.say(Finding(1.0, entry), situation))
        situation = situation.after(answers[-1])
    return tuple(answers)


def _further(knowledge: Knowledge, topic: Entry, told: Sequence[str]) -> list[Passage]:
    """Return up to two passages of the topic's own sections that do not repeat what was said, in order."""
    own = {(line.article, line.section) for line in topic.lines}
    said = [*told, *(line.quote for line in topic.lines)]
    title = knowledge.embedder.encode([topic.title])[0]
    kept: list[Passage] = []
    for passage, near in zip(knowledge.passages, knowledge.index.passage_vectors @ title, strict=True):
        fits = (passage.article, passage.section) in own and near >= NEAR and passage.audited >= AUDITED
        if fits and len(kept) < MOST_MORE and not any(_repeats(passage.quote, quote) for quote in said):
            kept.append(passage)
            said.append(passage.quote)
    return kept


def _repeats(one: str, other: str) -> bool:
    first, second = plain(one).rstrip("."), plain(other).rstrip(".")
    return first in second or second in first
