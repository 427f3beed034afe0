"""From two people's agreement to a diff over `data/`: nothing learns by itself."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import yaml

from bot.desk.models import Review
from bot.desk.personal import without_details
from bot.knowledge.entries import read_entries
from bot.settings import ROOT

EXAMPLES = Path("data/screening/examples/from_the_desk.yml")
PHRASINGS = Path("data/answers/phrasings/from-the-desk.yml")
INTENTS = Path("data/nlu/from_the_desk.yml")
NO_TOPIC = "none"  # the articles don't say
INTENT = "intent:"  # in front of what the patient wanted, where it was no question: book_consultation …
_NO_MARKS = str.maketrans("[]{}()\\", "       ")
SCREENING = (Review.Mark.MISSED, Review.Mark.FALSE_ALARM)


@dataclass(frozen=True)
class Agreement:
    """How often the first two people who judged a message said the same; kappa leaves chance out."""

    both: int
    same: int
    kappa: float | None

    @property
    def share(self) -> float | None:
        """Return the share of equal judgements, 0 to 1."""
        return self.same / self.both if self.both else None


@lru_cache(maxsize=1)
def topics() -> tuple[tuple[str, str], ...]:
    """Return what a question can be about: (id, title) of every entry that can answer."""
    return tuple((entry.id, entry.title) for entry in read_entries(ROOT / "data" / "answers"))


@lru_cache(maxsize=1)
def intents() -> tuple[tuple[str, str], ...]:
    """Return what a patient can want besides an answer: (value, words) of every intent with examples."""
    names = sorted(path.stem for path in (ROOT / "data" / "nlu").glob("*.yml") if path.name != INTENTS.name)
    return tuple((INTENT + name, name.replace("_", " ")) for name in names if name != "question")


def by_message(reviews: Iterable[Review]) -> dict[int, list[Review]]:
    """Return the judgements of each message, the first one first."""
    found: dict[int, list[Review]] = {}
    for review in reviews:
        found.setdefault(review.message_id, []).append(review)
    return found


def agreed(reviews: Iterable[Review]) -> Review | None:
    """Return a judgement that two different people share, or None."""
    for one, other in combinations(reviews, 2):
        if one.opinion == other.opinion and one.reviewer_id != other.reviewer_id:
            return one
    return None


def measure(reviews: Iterable[Review]) -> Agreement:
    """Return the agreement of the first two judgements of each message that has two (Cohen's kappa over marks)."""
    pairs = [(rows[0], rows[1]) for rows in by_message(reviews).values() if len(rows) > 1]
    same = sum(one.opinion == other.opinion for one, other in pairs)
    if not pairs:
        return Agreement(0, 0, None)
    seen = sum(one.mark == other.mark for one, other in pairs) / len(pairs)
    first, second = Counter(one.mark for one, _ in pairs), Counter(other.mark for _, other in pairs)
    chance = sum(first[mark] * second[mark] for mark in first) / len(pairs) ** 2
    return Agreement(len(pairs), same, (seen - chance) / (1 - chance) if chance < 1 else None)


def diff(root: Path = ROOT) -> str:
    """Return a unified diff that adds the agreed corrections to `data/`; empty when there is nothing new."""
    rows = Review.objects.select_related("message__verdict", "message__answers").order_by("id")
    found = [review for reviews in by_message(rows).values() if (review := agreed(reviews)) is not None]
    return (_diff_of(root, EXAMPLES, _with_examples(_read(root / EXAMPLES), found))
            + _diff_of(root, INTENTS, _with_intents(_read(root / INTENTS), found))
            + _diff_of(root, PHRASINGS, _with_phrasings(_read(root / PHRASINGS), found)))


def _with_examples(text: str, found: list[Review]) -> str:
    """Return the file of examples with the corrections of the screen."""
    known = {entry["text"] for entry in (yaml.safe_load(text) or {}).get("entries") or []}
    lines = []
    for review in found:
        said = without_details(review.message.text)
        if review.mark not in SCREENING or said in known:
            continue
        known.add(said)
        verdict = getattr(review.message, "verdict", None)
        lines.append(f"  - {{text: {_quoted(said)}, tier: {review.tier}, category: {review.category or 'none'}, "
                     f"subject: {verdict.subject if verdict else 'self'}, "
                     f"language: {verdict.language if verdict else 'en'}, style: plain}}\n")
    head = text or "author: the-desk\nentries:\n"
    return head + "".join(lines) if lines else text


def _with_phrasings(text: str, found: list[Review]) -> str:
    """Return the file of phrasings with the corrections of the answers."""
    content = yaml.safe_load(text) or {}
    by_topic = {key: list(questions) for key, questions in (content.get("phrasings") or {}).items()}
    none = list(content.get("none") or [])
    known = {question for questions in [*by_topic.values(), none] for question in questions}
    for review in found:
        asked = review.message.answers
        if not _is_about(review) or asked is None or review.topic.startswith(INTENT):
            continue
        question = without_details(asked.text)
        if question in known:
            continue
        known.add(question)
        (none if review.topic == NO_TOPIC else by_topic.setdefault(review.topic, [])).append(question)
    if not by_topic and not none:
        return text
    lines = ["author: the-desk\n", "phrasings:\n" if by_topic else "phrasings: {}\n"]
    for key in sorted(by_topic):
        lines += [f"  {key}:\n", *(f"    - {_quoted(question)}\n" for question in by_topic[key])]
    if none:
        lines += ["none:\n", *(f"  - {_quoted(question)}\n" for question in none)]
    return "".join(lines)


def _with_intents(text: str, found: list[Review]) -> str:
    """Return the file of Rasa's examples with the corrections of what a patient wanted."""
    content = yaml.safe_load(text) or {}
    listed: dict[str, list[str]] = {
        entry["intent"]: [line.removeprefix("- ") for line in entry["examples"].splitlines()]
        for entry in content.get("nlu") or []}
    before = {intent: list(examples) for intent, examples in listed.items()}
    for review in found:
        asked = review.message.answers
        if not _is_about(review) or asked is None or not review.topic.startswith(INTENT):
            continue
        # Rasa reads brackets and braces as marks of its own.
        said = " ".join(without_details(asked.text).translate(_NO_MARKS).split())
        examples = listed.setdefault(review.topic.removeprefix(INTENT), [])
        if said and said not in examples:
            examples.append(said)
    if listed == before:
        return text
    lines = ['version: "3.1"\n', "\n", "nlu:\n"]
    for intent in sorted(listed):
        lines += [f"  - intent: {intent}\n", "    examples: |\n", *(f"      - {said}\n" for said in listed[intent])]
    return "".join(lines)


def _is_about(review: Review) -> bool:
    return review.mark in (Review.Mark.WRONG, Review.Mark.SHOULD_ANSWER) and bool(review.topic)


def _diff_of(root: Path, path: Path, new: str) -> str:
    old = _read(root / path)
    before = f"a/{path}" if old else "/dev/null"
    return "".join(difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), before,
                                        f"b/{path}"))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _quoted(text: str) -> str:
    """Return a text as YAML in double quotes, which for plain text is JSON."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
