"""The first reader: patterns that mean danger, and the words around them that change their meaning."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Mapping, Sequence

from .entries import BadLexicon, Context, Rule, read_contexts, read_rules, read_sets, read_spelling
from .fold import fold
from .matching import Found, PatternIndex
from .normalise import Normaliser, Words
from .notation import NEGATORS, BadPattern, Pattern, read_pattern
from .verdict import Category, Subject, Tier
from .words import BREAK, Speller

_NEGATORS = frozenset([*NEGATORS, "nobody", "nothing", "nadie", "without", "ya"])
WINDOW = 90
STEP = 60


@dataclass(frozen=True, eq=False)
class Cancel:
    """Words that take the effect of a context away again."""

    context: Context


@dataclass(frozen=True)
class Hit:
    """A rule that fired on words `first` up to but not including `last`, and what it comes to."""

    rule: str
    tier: Tier
    category: Category
    subject: Subject | None
    first: int
    last: int
    contexts: tuple[str, ...] = ()


Around = Context | Cancel


class Lexicon:
    """All rules and contexts, compiled; `normaliser` reads messages the way the patterns are written."""

    def __init__(self, directory: Path) -> None:
        spelling = read_spelling(directory / "context" / "spelling.yml")
        sets = read_sets(directory / "context" / "sets.yml")
        self.rules = read_rules(directory)
        self.contexts = read_contexts(directory / "context" / "changes")
        words = {written: tuple(meant.split()) for written, meant in spelling.words.items()}

        def read(name: str, patterns: Sequence[str]) -> list[Pattern]:
            return read_patterns(name, patterns, sets, words)

        around: list[tuple[Around, list[Pattern]]] = []
        for context in self.contexts:
            around.append((context, read(context.name, context.patterns)))
            around.append((Cancel(context), read(context.name, context.cancelled_by)))
        # Apart, because most messages meet no rule, and then nobody need look around it.
        self._rules: PatternIndex[Rule] = PatternIndex([(rule, read(rule.name, rule.patterns)) for rule in self.rules])
        self._around: PatternIndex[Around] = PatternIndex(around)
        self.persons = {"self": frozenset(sets["self_words"]), "other": frozenset(sets["person_words"])}
        known = self._rules.words | self._around.words | self.persons["other"]
        self.normaliser = Normaliser(
            Speller(known, words, spelling),
            {tuple(written.split()): tuple(meant.split()) for written, meant in spelling.phrases.items()})

    def read(self, words: Words) -> list[Hit]:
        """Return the hits in a message of any length; stops early once it has found an emergency."""
        hits: list[Hit] = []
        for start in range(0, max(1, len(words) - (WINDOW - STEP)), STEP):
            window = words.words[start:start + WINDOW]
            found = [_moved(hit, start) for hit in self._window(window)]
            hits += [hit for hit in found if hit not in hits] if len(hits) < 200 else []
            if any(hit.tier is Tier.EMERGENCY for hit in found):
                break
            # Past the first hits only something worse is worth keeping.
            if len(hits) >= 200:
                worst = max(hit.tier for hit in hits)
                hits += [hit for hit in found if hit.tier > worst]
        return hits

    def _window(self, words: Sequence[str]) -> list[Hit]:
        rules = self._rules.find(words)
        if not rules:
            return []
        sentences = list(accumulate(1 if word == BREAK else 0 for word in words)) or [0]
        around = self._around.find(words)
        hits = [self._judge(match, around, sentences, words) for match in _longest(rules)]
        return [hit for hit in hits if hit is not None]

    def _judge(self, match: Found[Rule], around: Sequence[Found[Around]], sentences: Sequence[int],
               words: Sequence[str]) -> Hit | None:
        rule = match.owner
        tier = rule.tier
        names: list[str] = []
        # A rule that says "not" itself ("do not want to live") is not denied by that "not".
        says_not = not _NEGATORS.isdisjoint(words[match.first:match.last])
        for other in around:
            context = other.owner
            if not isinstance(context, Context) or not _applies(context, rule):
                continue
            if says_not and context.kind == "negation":
                continue
            if not _in_scope(context, other, match, sentences) or _cancelled(other, match, around, sentences):
                continue
            if context.kind == "mask":
                return None
            softer = context.softens.get(rule.tier, tier)
            if softer < tier:
                tier, names = softer, [*names, context.name]
        if tier is Tier.CRISIS and tier is rule.tier and rule.rises:
            raised = [other.owner.name for other in around
                      if isinstance(other.owner, Context) and other.owner.raises
                      and _applies(other.owner, rule) and _in_scope(other.owner, other, match, sentences)
                      and not _cancelled(other, match, around, sentences)]
            if raised:
                tier, names = Tier.EMERGENCY, raised
        subject = rule.subject or self._person(match, words)
        return Hit(rule.name, tier, rule.category, subject, match.first, match.last, tuple(names))

    def _person(self, match: Found[Rule], words: Sequence[str]) -> Subject:
        """Return whom the words just before a hit name, the writer when they name nobody."""
        for index in range(min(match.last, len(words)) - 1, max(-1, match.first - 6), -1):
            if words[index] == BREAK and index < match.first:
                break
            if words[index] in self.persons["self"]:
                return Subject.SELF
            if words[index] in self.persons["other"]:
                return Subject.OTHER
        return Subject.SELF


def read_patterns(name: str, patterns: Sequence[str], sets: Mapping[str, Sequence[str]],
                  spellings: Mapping[str, tuple[str, ...]]) -> list[Pattern]:
    """Return the patterns of the entry `name`, their words spelled as messages will be; raises `BadLexicon`."""

    def plain(word: str) -> Sequence[str]:
        folded = fold(word).text
        return spellings.get(folded) or spellings.get(folded.replace("'", "")) or (folded.replace("'", ""),)

    try:
        return [read_pattern(pattern, sets, plain) for pattern in patterns]
    except BadPattern as error:
        raise BadLexicon(f"{name}: {error}") from error


def _longest(matches: Sequence[Found[Rule]]) -> list[Found[Rule]]:
    """Drop matches that lie within a longer one of the same rule."""
    kept: list[Found[Rule]] = []
    for match in sorted(matches, key=lambda one: (one.first - one.last, one.first)):
        if not any(one.owner is match.owner and one.first <= match.first and match.last <= one.last for one in kept):
            kept.append(match)
    return kept


def _applies(context: Context, rule: Rule) -> bool:
    if context.only and rule.category.value not in context.only and rule.name not in context.only:
        return False
    return (context.kind not in rule.firm and "all" not in rule.firm) or (
        context.raises and not rule.firm.intersection([context.kind]))


def _in_scope(context: Context, where: Found[Around], hit: Found[Rule], sentences: Sequence[int]) -> bool:
    if context.scope == "overlap":
        return where.first < hit.last and hit.first < where.last
    apart = abs(_sentence(sentences, where) - _sentence(sentences, hit))
    if context.scope == "before":
        return apart == 0 and where.first <= hit.first <= where.last + context.reach
    return apart == 0 if context.scope == "sentence" else apart <= 1 if context.scope == "near" else True


def _cancelled(where: Found[Around], hit: Found[Rule], around: Sequence[Found[Around]],
               sentences: Sequence[int]) -> bool:
    for other in around:
        same = isinstance(other.owner, Cancel) and other.owner.context is where.owner
        if same and abs(_sentence(sentences, other) - _sentence(sentences, hit)) <= 1:
            return True
    return False


def _sentence(sentences: Sequence[int], where: Found[Around] | Found[Rule]) -> int:
    # A border counts to the sentence after it, so the first word tells, even where it is a border.
    return sentences[min(where.first, len(sentences) - 1)]


def _moved(hit: Hit, start: int) -> Hit:
    return Hit(hit.rule, hit.tier, hit.category, hit.subject, hit.first + start, hit.last + start, hit.contexts)
