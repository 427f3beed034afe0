"""Finds many patterns in a message with spaCy's Matcher, trying only those whose words are all there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Generic, Iterable, Sequence, TypeVar

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from .notation import BORDER, Pattern, forms, possible, triggers, words_of

Owner = TypeVar("Owner")
_UNKNOWN = "_"


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
    key: str


class PatternIndex(Generic[Owner]):
    """Patterns by the rarest words they need; safe to use from several threads."""

    def __init__(self, patterns: Iterable[tuple[Owner, Sequence[Pattern]]]) -> None:
        all_patterns = [(owner, pattern) for owner, several in patterns for pattern in several]
        cost = Counter(word for _, pattern in all_patterns for word in words_of(pattern))
        cost[BORDER] = len(all_patterns)
        self.words = frozenset(cost)
        self._by_word: dict[str, list[_Candidate[Owner]]] = {}
        for number, (owner, pattern) in enumerate(all_patterns):
            candidate = _Candidate(owner, pattern, str(number))
            for word in triggers(pattern, cost)[1]:
                self._by_word.setdefault(word, []).append(candidate)
        self._owners = {str(number): owner for number, (owner, _) in enumerate(all_patterns)}
        self._vocab = Vocab(strings=[*sorted(self.words), BORDER, _UNKNOWN, *self._owners])

    def find(self, words: Sequence[str]) -> list[Found[Owner]]:
        """Return every match in `words`; words that no pattern knows are not kept anywhere."""
        present = self.words.intersection(words) | {BORDER}
        candidates = [candidate for candidate in {one: None for word in present for one in self._by_word.get(word, ())}
                      if possible(candidate.pattern, present)]
        if not candidates:
            return []
        matcher = Matcher(self._vocab, validate=False)
        for candidate in candidates:
            spelled = [[step.spacy(present) for step in form] for form in forms(candidate.pattern, present)]
            if spelled:
                matcher.add(candidate.key, spelled, greedy="LONGEST")
        plain = [BORDER, *(word if word in present else _UNKNOWN for word in words), BORDER]
        names = self._vocab.strings
        # Position 0 is the border that was put before the first word.
        return [Found(self._owners[names[key]], max(0, first - 1), min(last - 1, len(words)))
                for key, first, last in matcher(Doc(self._vocab, words=plain))]
