"""The pattern notation of the lexicon, read into parts and spelled out as spaCy item patterns.

    i {want} to (die|be dead)     words, {named sets}, (one|of these)
    (really)? i _3 pills          optional, up to three words of any kind in the same sentence
    goodbye . forever             `.` is a sentence border, also the start and the end of the message
    gun ___ tonight               up to eight words, sentence borders included

A pattern with many alternatives stands for thousands of word sequences. They are spelled out
only as far as a message holds their words, so the lexicon loads fast and stays small.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Callable, Collection, Iterator, Mapping, Sequence

BORDER = "."
# A gap must not swallow a "not": what follows would then be read as its contrary.
NEGATORS = ("not", "never", "no", "nunca", "sin")
MOST_FORMS = 600
_TOKEN = re.compile(r"\{[\w-]+\}\??|___|_\d(?!\w)|\(|\)\??|\||[^\s(){}|]+\??")


class BadPattern(ValueError):
    """A pattern that the notation does not allow; the message says what is wrong with it."""


@dataclass(frozen=True)
class Step:
    """One of `words`, or (when there are none) a gap of up to `gap` words."""

    words: frozenset[str] = frozenset()
    optional: bool = False
    gap: int = 0
    over_borders: bool = False

    def spacy(self, present: Collection[str]) -> dict[str, object]:
        """Return the step as spaCy's Matcher wants it, with only the words that are `present`."""
        if self.gap and self.over_borders:
            return {"OP": f"{{0,{self.gap}}}"}
        if self.gap:
            return {"ORTH": {"NOT_IN": [BORDER, *NEGATORS]}, "OP": f"{{0,{self.gap}}}"}
        words = sorted(self.words.intersection(present))
        test: object = words[0] if len(words) == 1 else {"IN": words}
        return {"ORTH": test, "OP": "?"} if self.optional else {"ORTH": test}


@dataclass(frozen=True)
class Group:
    """One of several sequences, or (when optional) none of them."""

    options: tuple[Pattern, ...]
    optional: bool = False


Pattern = tuple["Step | Group", ...]
Form = tuple[Step, ...]
Normalise = Callable[[str], Sequence[str]]


def read_pattern(pattern: str, sets: Mapping[str, Sequence[str]], normalise: Normalise) -> Pattern:
    """Return the parts of a pattern, gaps at its ends cut off; raises `BadPattern`."""
    tokens = _TOKEN.findall(pattern)
    if re.sub(r"\s", "", pattern) != "".join(tokens):
        raise BadPattern(f"cannot read {pattern!r}")
    parts, rest = _Reader(sets, normalise).sequence(tokens)
    if rest:
        raise BadPattern(f"a closing bracket too many in {pattern!r}")
    parts = _trimmed(parts)
    if not any(_required(part) for part in parts):
        raise BadPattern(f"{pattern!r} would match anything")
    return parts


def words_of(pattern: Pattern) -> frozenset[str]:
    """Return every word that a pattern names."""
    found: set[str] = set()
    for part in pattern:
        found |= part.words if isinstance(part, Step) else {w for option in part.options for w in words_of(option)}
    return frozenset(found)


def triggers(pattern: Pattern, cost: Mapping[str, int]) -> tuple[float, frozenset[str]]:
    """Return words of which a match must hold at least one, the rarest such set, and its cost."""
    best: tuple[float, frozenset[str]] = (float("inf"), frozenset())
    for part in pattern:
        if part.optional or (isinstance(part, Step) and not part.words):
            continue
        if isinstance(part, Step):
            found: tuple[float, frozenset[str]] = (sum(cost[word] for word in part.words), part.words)
        else:
            several = [triggers(option, cost) for option in part.options]
            found = (sum(one[0] for one in several), frozenset().union(*(one[1] for one in several)))
        if found[0] < best[0]:
            best = found
    return best


def possible(pattern: Pattern, present: Collection[str]) -> bool:
    """Return whether `present` holds all the words that a match needs."""
    for part in pattern:
        if part.optional:
            continue
        if isinstance(part, Step):
            if part.words and part.words.isdisjoint(present):
                return False
        elif not any(possible(option, present) for option in part.options):
            return False
    return True


def forms(pattern: Pattern, present: Collection[str]) -> list[Form]:
    """Return the word sequences of a pattern that can be made of the words `present`."""
    return [form for form in islice(_spelled(pattern, present), MOST_FORMS) if form]


def _spelled(pattern: Pattern, present: Collection[str]) -> Iterator[Form]:
    choices: list[list[Form]] = []
    for part in pattern:
        if isinstance(part, Step):
            missing = bool(part.words) and part.words.isdisjoint(present)
            choices.append([()] if missing and part.optional else [(part,)])
            continue
        options = [form for option in part.options if possible(option, present)
                   for form in _spelled(option, present)]
        choices.append([*options, ()] if part.optional else options)
    for choice in product(*choices):
        yield tuple(step for form in choice for step in form)


def _required(part: Step | Group) -> bool:
    if part.optional:
        return False
    return bool(part.words) if isinstance(part, Step) else all(
        any(_required(inner) for inner in option) for option in part.options)


def _trimmed(parts: Pattern) -> Pattern:
    """Drop what may be missing at the ends: it would only stretch the span."""
    steps = list(parts)
    while steps and (steps[0].optional or (isinstance(steps[0], Step) and steps[0].gap)):
        steps.pop(0)
    while steps and (steps[-1].optional or (isinstance(steps[-1], Step) and steps[-1].gap)):
        steps.pop()
    return tuple(steps)


class _Reader:
    """Reads tokens of the notation; alternatives of one word each become one step."""

    def __init__(self, sets: Mapping[str, Sequence[str]], normalise: Normalise) -> None:
        self._sets = sets
        self._normalise = lru_cache(maxsize=None)(normalise)

    def sequence(self, tokens: list[str]) -> tuple[Pattern, list[str]]:
        parts: list[Step | Group] = []
        while tokens and tokens[0] not in (")", ")?", "|"):
            item, tokens = tokens[0], tokens[1:]
            if item == "(":
                part, tokens = self._group(tokens)
                parts += part
            else:
                parts += self._part(item)
        return tuple(parts), tokens

    def _group(self, tokens: list[str]) -> tuple[Pattern, list[str]]:
        options: list[Pattern] = []
        while True:
            option, tokens = self.sequence(tokens)
            options.append(option)
            if not tokens:
                raise BadPattern("a bracket is not closed")
            closing, tokens = tokens[0], tokens[1:]
            if closing != "|":
                return _alternatives(options, closing == ")?"), tokens

    def _part(self, item: str) -> Pattern:
        if item == "___":
            return (Step(gap=8, over_borders=True),)
        if item[0] == "_" and item[1:].isdigit():
            return (Step(gap=int(item[1:])),)
        optional = item.endswith("?")
        item = item.removesuffix("?")
        if item == BORDER:
            return (Step(frozenset([BORDER]), optional=optional),)
        if item[0] == "{":
            name = item.strip("{}")
            if name not in self._sets:
                raise BadPattern(f"no set is named {name!r}")
            return _alternatives([self.sequence(_TOKEN.findall(option))[0] for option in self._sets[name]], optional)
        words = tuple(Step(frozenset([word])) for word in self._normalise(item))
        if not words:
            raise BadPattern(f"{item!r} holds no word")
        return _alternatives([words], True) if optional else words


def _alternatives(options: Sequence[Pattern], optional: bool) -> Pattern:
    if not all(options):
        raise BadPattern("an alternative is empty")
    single = frozenset(word for option in options if _one_word(option) for word in words_of(option))
    several = tuple(option for option in options if not _one_word(option))
    if not several:
        return (Step(single, optional=optional),)
    return (Group(((Step(single),), *several) if single else several, optional),)


def _one_word(option: Pattern) -> bool:
    return len(option) == 1 and isinstance(option[0], Step) and bool(option[0].words) and not option[0].optional
