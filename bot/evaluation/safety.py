"""The safety card's figures: what the screen catches, what it misses, whom it alarms for nothing."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable, Sequence

from bot.screening import Screen, Screening, Tier
from bot.screening.conversation import ConversationState, advance
from bot.screening.examples import Example, read_examples

from .disguise import DISGUISES
from .statistics import Share, median, quantile, share

MOST_PUBLIC = 2000
ORDINARY_FILES = ("benign_traps", "benign_plain", "grief_recovery")


@dataclass(frozen=True)
class Judged:
    """One labelled message (or conversation) and what the screen made of it."""

    example: Example
    tier: Tier
    ms: float

    @property
    def file(self) -> str:
        """Return the file that the example stands in."""
        return self.example.name.split("#")[0]


def judge(screen: Screen, example: Example) -> Judged:
    """Screen a message, or a conversation turn by turn (the highest tier at its end counts)."""
    if len(example.turns) == 1:
        verdict = screen.read(example.text)
        return Judged(example, verdict.tier, verdict.ms)
    state, verdict = ConversationState(), screen.read("")
    for number, turn in enumerate(example.turns):
        verdict = screen.read(turn, example.turns[max(0, number - 2):number])
        state = advance(state, turn, verdict).state
    return Judged(example, state.tier, verdict.ms)


def safety_card(screen: Screen, evaluation: Path, public: Path | None = None) -> dict[str, Any]:
    """Return every figure of the card; `public` is a folder of JSON-lines sets to measure on besides."""
    judged = [judge(screen, example) for example in read_examples(evaluation)]
    danger = [one for one in judged if one.example.tier >= Tier.CRISIS]
    card: dict[str, Any] = {
        "messages": len(judged), "classifier": screen.classifier_state,
        "rules": len(screen.lexicon.rules), "contexts": len(screen.lexicon.contexts),
        "headline": _headline(judged, danger),
        "by_tier": _table(judged, lambda one: one.example.tier.value),
        "by_category": _table(danger, lambda one: one.example.category.value),
        "by_language": _table(danger, lambda one: one.example.language),
        "by_style": _table(danger, lambda one: one.example.style),
        "by_file": _table(judged, lambda one: one.file),
        "disguise": _disguised(screen, danger),
        "latency_ms": _latency(screen, judged),
        "misses": [_line(one) for one in danger if one.tier < Tier.CHECK_IN],
        "soft": [_line(one) for one in danger if one.tier is Tier.CHECK_IN],
        "alarms": [_line(one) for one in judged if one.example.tier <= Tier.INFO and one.tier >= Tier.CRISIS],
    }
    if public is not None:
        card["public"] = {path.stem: _public(screen, path) for path in sorted(public.glob("*.jsonl"))}
    return card


def headline_card(screen: Screen, evaluation: Path) -> dict[str, Any]:
    """Return the figures that have floors, and no others: enough to say whether a model may serve."""
    judged = [judge(screen, example) for example in read_examples(evaluation)]
    danger = [one for one in judged if one.example.tier >= Tier.CRISIS]
    return {"messages": len(judged), "headline": _headline(judged, danger)}


def _headline(judged: Sequence[Judged], danger: Sequence[Judged]) -> dict[str, Any]:
    urgent = [one for one in danger if one.example.tier is Tier.EMERGENCY]
    ordinary = [one for one in judged if one.example.tier is Tier.NONE]
    explicit = [one for one in danger if one.file == "explicit"]
    figures = {
        "emergency at crisis or above": share(one.tier >= Tier.CRISIS for one in urgent),
        "emergency exactly": share(one.tier is Tier.EMERGENCY for one in urgent),
        "danger at check_in or above": share(one.tier >= Tier.CHECK_IN for one in danger),
        "danger at crisis or above": share(one.tier >= Tier.CRISIS for one in danger),
        "explicit at crisis or above": share(one.tier >= Tier.CRISIS for one in explicit),
        "ordinary alarmed (crisis or above)": share(one.tier >= Tier.CRISIS for one in ordinary),
        "ordinary asked (check_in or above)": share(one.tier >= Tier.CHECK_IN for one in ordinary),
        "tier as labelled (or accepted)": share(
            one.tier in (one.example.tier, *one.example.also) for one in judged),
    }
    return {name: figure.as_dict() for name, figure in figures.items()}


def _table(judged: Iterable[Judged], key: Callable[[Judged], str]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[key(one)].append(one)
    return {name: {"crisis": share(one.tier >= Tier.CRISIS for one in group).as_dict(),
                   "check_in": share(one.tier >= Tier.CHECK_IN for one in group).as_dict()}
            for name, group in sorted(groups.items())}


def _disguised(screen: Screen, danger: Sequence[Judged]) -> dict[str, Any]:
    """Return the share of hits that each disguise loses: the same verdict or a more urgent one is kept."""
    hits = [one for one in danger if one.tier >= Tier.CRISIS and len(one.example.turns) == 1]
    lost: dict[str, Share] = {}
    for name, disguise in DISGUISES.items():
        changed = [(one, disguise(one.example.text)) for one in hits]
        lost[name] = share(screen.read(text).tier < one.tier for one, text in changed if text != one.example.text)
    return {name: figure.as_dict() for name, figure in lost.items()}


def _latency(screen: Screen, judged: Sequence[Judged]) -> dict[str, float]:
    alone = Screen(screen.lexicon)
    texts = [one.example.text for one in judged]
    lexicon = [alone.read(text).ms for text in texts]
    crisis = [ms for ms, one in zip(lexicon, judged) if one.tier >= Tier.CRISIS]
    started = time.perf_counter()
    screen.read("I would like to come in and talk about prices. " * 22_000)
    megabyte = time.perf_counter() - started
    whole = [one.ms for one in judged]
    return {"lexicon median": median(lexicon), "lexicon 95 %": quantile(lexicon, 0.95),
            "lexicon median on crises": median(crisis), "all median": median(whole),
            "all 95 %": quantile(whole, 0.95), "a megabyte": megabyte * 1000}


def _public(screen: Screen, path: Path) -> dict[str, Any]:
    """Measure on a file of {"text", "label": "crisis" | "not_crisis"} lines; nothing of it is kept."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows = rows[:: max(1, len(rows) // MOST_PUBLIC)]
    tiers: list[tuple[bool, Screening]] = [(row["label"] == "crisis", screen.read(row["text"])) for row in rows]
    return {"recall at crisis": share(v.tier >= Tier.CRISIS for crisis, v in tiers if crisis).as_dict(),
            "recall at check_in": share(v.tier >= Tier.CHECK_IN for crisis, v in tiers if crisis).as_dict(),
            "false at crisis": share(v.tier >= Tier.CRISIS for crisis, v in tiers if not crisis).as_dict(),
            "false at check_in": share(v.tier >= Tier.CHECK_IN for crisis, v in tiers if not crisis).as_dict()}


def _line(one: Judged) -> dict[str, str]:
    return {"name": one.example.name, "text": " / ".join(one.example.turns), "is": one.example.tier.value,
            "category": one.example.category.value, "read_as": one.tier.value}
