"""The screen: any text to a verdict. The lexicon first, the classifier where it could still add something."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Sequence

from bot.embedding import Embedder

from .classifier import Classifier, ClassifierUnavailable, Opinion
from .lexicon import Hit, Lexicon
from .normalise import Words
from .person import language
from .verdict import PRECEDENCE, Category, Reason, Screening, Subject, Tier

log = logging.getLogger(__name__)
EARLIER_CHARACTERS = 400
MINOR_RULE = "minor."
# Texts that the lexicon has looked at and that are still to be read whole.
MOST_BEGUN = 1000


@dataclass
class Screen:
    """Reads messages; `classifier` None means that the lexicon reads alone."""

    lexicon: Lexicon
    classifier: Classifier | None = None
    classifier_state: str = "not loaded"
    _begun: OrderedDict[str, tuple[Words, list[Hit]]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def glance(self, text: str) -> Tier:
        """Return how urgent the lexicon alone finds a text; `read` goes on from there when it is given the same one."""
        with self._lock:
            begun = self._begun.get(text)
        words, hits = begun or self._by_lexicon(text)
        with self._lock:
            self._begun[text] = words, hits
            while len(self._begun) > MOST_BEGUN:
                self._begun.popitem(last=False)
        return max((hit.tier for hit in hits), default=Tier.NONE)

    def read(self, text: str, earlier: Sequence[str] = (), embed: bool = False) -> Screening:
        """Return the verdict on any text; never raises.

        `earlier` are the patient's one or two messages before this one: a thought that was split
        over them is read joined, and only what this message adds to counts. With `embed` the embedder
        knows the text afterwards, where the classifier was asked.
        """
        started = time.perf_counter()
        with self._lock:
            begun = self._begun.pop(text, None)
        words, hits = begun or self._by_lexicon(text)
        if not any(hit.tier is Tier.EMERGENCY for hit in hits):  # nothing before it could make it more urgent
            hits = self._joined(text, earlier) + hits
        reasons = [_reason(hit, words) for hit in hits]
        opinion = self._opinion(words, hits, (text,) if embed else ())
        verdict = _worst(hits, opinion)
        if opinion is not None and opinion.tier > Tier.NONE:
            reasons.append(Reason("classifier", opinion.nearest, words.span(opinion.first, opinion.last),
                                  opinion.score))
        ms = (time.perf_counter() - started) * 1000
        return Screening(verdict[0], verdict[1], _subject(hits, verdict[0], opinion), language(words.words),
                         tuple(reasons), ms)

    def _by_lexicon(self, text: str) -> tuple[Words, list[Hit]]:
        words = self.lexicon.normaliser.read(text)
        return words, self.lexicon.read(words)

    def _joined(self, text: str, earlier: Sequence[str]) -> list[Hit]:
        """Return the hits that only show when this message is read behind the ones before it."""
        before = " ".join(message[-EARLIER_CHARACTERS:] for message in earlier[-2:] if message)
        if not before:
            return []
        joined = self.lexicon.normaliser.read(before + " " + text[:EARLIER_CHARACTERS])
        already = len(self.lexicon.normaliser.read(before))
        return [Hit(hit.rule, hit.tier, hit.category, hit.subject, 0, max(1, hit.last - already), hit.contexts)
                for hit in self.lexicon.read(joined) if hit.first < already < hit.last]

    def _opinion(self, words: Words, hits: Sequence[Hit], also: Sequence[str]) -> Opinion | None:
        """Ask the classifier, unless the lexicon has found a crisis: that reply must not wait."""
        worst = max((hit.tier for hit in hits), default=Tier.NONE)
        if self.classifier is None or worst >= Tier.CRISIS or not len(words):
            return None
        try:
            return self.classifier.read(words, also)
        except Exception as error:  # the lexicon's verdict must reach the patient whatever fails here
            self.classifier_state = f"failed: {type(error).__name__}"
            log.error("the classifier failed on a message: %s", type(error).__name__)
            return None


def load_screen(data_dir: Path = Path("data/screening"), model_dir: Path = Path("models/screening"),
                embedder: Embedder | None = None) -> Screen:
    """Return the screen; without a usable classifier it reads with the lexicon alone and says so.

    Raises `BadLexicon` when the lexicon itself is broken: nothing may start without it.
    """
    screen = Screen(Lexicon(data_dir / "lexicon"))
    try:
        screen.classifier = Classifier.load(model_dir, embedder)
        screen.classifier_state = "ready"
    except ClassifierUnavailable as error:
        screen.classifier_state = str(error)
    return screen


def _reason(hit: Hit, words: Words) -> Reason:
    name = hit.rule + ("".join(f" + {context}" for context in hit.contexts))
    return Reason("context" if hit.contexts else "lexicon", name, words.span(hit.first, hit.last), 1.0)


def _worst(hits: Sequence[Hit], opinion: Opinion | None) -> tuple[Tier, Category]:
    verdicts = [(hit.tier, hit.category) for hit in hits]
    if opinion is not None:
        verdicts.append((opinion.tier, opinion.category))
    verdicts = [verdict for verdict in verdicts if verdict[0] > Tier.NONE]
    if not verdicts:
        return Tier.NONE, Category.NONE
    return max(verdicts, key=lambda verdict: (verdict[0].rank, -PRECEDENCE.index(verdict[1])))


def _subject(hits: Sequence[Hit], tier: Tier, opinion: Opinion | None) -> Subject:
    if any(hit.rule.startswith(MINOR_RULE) for hit in hits):
        return Subject.MINOR
    worst = [hit for hit in hits if hit.tier is tier]
    # "She says she wants to die" holds "wants to die": the longer hit knows whom it is about.
    subjects = [hit.subject for hit in worst if hit.subject is not None
                and not any(_within(hit, other) for other in worst)]
    if subjects:
        return Subject.SELF if Subject.SELF in subjects else subjects[0]
    return opinion.subject if opinion is not None and opinion.tier is tier else Subject.SELF


def _within(hit: Hit, other: Hit) -> bool:
    """Return whether `hit` lies within the longer hit `other`."""
    longer = other.last - other.first > hit.last - hit.first
    return longer and other.first <= hit.first and hit.last <= other.last
