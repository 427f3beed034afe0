"""Finds many patterns in a message with spaCy's Matcher, trying only those whose words are all there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Callable, Generic, Iterable, Sequence, TypeVar

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from .notation import BORDER, Pattern, forms, possible, triggers, words_of

Owner = TypeVar("Owner")
_UNKNOWN = "_"
_KEY = "pattern"
_MOST_MATCHERS = 20_000


@dataclass(frozen=True)
class Found(Generic[Owner]):
    """A pattern of `owner` covers words `first` up to but not including `last`."""

    owner: Owner
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class _Candidate(Generic[Owner]):
    owner: Owner
    pattern: Pattern
    words: frozenset[str]


@dataclass(frozen=True)
class Reading(Generic[Owner]):
    """A text and the matchers whose words are all there; each of them takes as long as all the rest of the reading."""

    doc: Doc
    matchers: Sequence[tuple[Owner, Matcher]]
    length: int

    def find(self, wanted: Callable[[Owner], bool]) -> list[Found[Owner]]:
        """Return every match of the patterns of `wanted` owners."""
        # Position 0 is the border that was put before the first word.
        return [Found(owner, max(0, first - 1), min(last - 1, self.length))
                for owner, matcher in self.matchers if wanted(owner) for _, first, last in matcher(self.doc)]


class PatternIndex(Generic[Owner]):
    """Patterns by the rarest words they need; safe to use from several threads."""

    def __init__(self, patterns: Iterable[tuple[Owner, Sequence[Pattern]]]) -> None:
        all_patterns = [(owner, pattern) for owner, several in patterns for pattern in several]
        cost = Counter(word for _, pattern in all_patterns for word in words_of(pattern))
        cost[BORDER] = len(all_patterns)
        self.words = frozenset(cost)
        self._by_word: dict[str, list[_Candidate[Owner]]] = {}
        for owner, pattern in all_patterns:
            candidate = _Candidate(owner, pattern, frozenset(words_of(pattern)))
            for word in triggers(pattern, cost)[1]:
                self._by_word.setdefault(word, []).append(candidate)
        self._vocab = Vocab(strings=[*sorted(self.words), BORDER, _UNKNOWN, _KEY])
        self._matchers: dict[tuple[_Candidate[Owner], frozenset[str]], Matcher | None] = {}

    def find(self, words: Sequence[str]) -> list[Found[Owner]]:
        """Return every match in `words`; words that no pattern knows are not kept anywhere."""
        return self.open(words).find(lambda _: True)

    def open(self, words: Sequence[str]) -> Reading[Owner]:
        """Return a reading of `words`, to look for some patterns first and for others in the light of those."""
        present = self.words.intersection(words) | {BORDER}
        matchers = [(candidate.owner, matcher)
                    for candidate in {one: None for word in present for one in self._by_word.get(word, ())}
                    if (matcher := self._matcher(candidate, present & candidate.words)) is not None]
        plain = [BORDER, *(word if word in present else _UNKNOWN for word in words), BORDER]
        return Reading(Doc(self._vocab, words=plain), matchers, len(words))

    def _matcher(self, candidate: _Candidate[Owner], present: frozenset[str]) -> Matcher | None:
        """Return a matcher for what the words at hand allow of a pattern; None when they don't allow it.

        Building one takes longer than running it, and people's messages share most of their words.
        """
        matchers, key = self._matchers, (candidate, present)
        try:
            return matchers[key]
        except KeyError:
            if len(matchers) >= _MOST_MATCHERS:
                self._matchers = {}
            matcher = self._matchers[key] = self._build(candidate.pattern, present)
            return matcher

    def _build(self, pattern: Pattern, present: frozenset[str]) -> Matcher | None:
        if not possible(pattern, present):
            return None
        spelled = [[step.spacy(present) for step in form] for form in forms(pattern, present)]
        if not spelled:
            return None
        matcher = Matcher(self._vocab, validate=False)
        matcher.add(_KEY, spelled, greedy="LONGEST")
        return matcher
