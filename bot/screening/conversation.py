"""What a verdict means, given what was said before: the next turns after a crisis.

Pure: a state and a message go in, the next state and what to do come out. The tier of a
conversation never falls here; only staff clear it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import yaml

from bot.screening.verdict import Category, Screening, Subject, Tier

PHRASES = Path(__file__).resolve().parents[2] / "data" / "screening" / "conversation.yml"
# An answer is short: a longer message is a statement of its own, which the screen has read.
ANSWER_WORDS = 14


@dataclass(frozen=True)
class ConversationState:
    """Where a conversation stands; `locked` holds booking and ketamine answers back until staff clear it."""

    tier: Tier = Tier.NONE
    category: Category = Category.NONE
    subject: Subject = Subject.SELF
    locked: bool = False
    question_open: bool = False
    crisis_turns: int = 0


@dataclass(frozen=True)
class Turn:
    """What to do with a message: `move` names the reply, and "pass" and "info_line" go on to an answer."""

    state: ConversationState
    tier_for_reply: Tier
    category: Category
    move: str


def advance(state: ConversationState, text: str, screening: Screening) -> Turn:
    """Return the next state and the move for a message."""
    if screening.tier >= Tier.CRISIS:
        return _danger(state, screening.tier, screening.category, screening.subject,
                       lock=_active_suicide(screening))
    kind = _kind(text)
    if state.question_open or state.tier >= Tier.CHECK_IN:
        turn = _after_crisis(state, kind, screening)
        if turn is not None:
            return turn
    if state.locked:
        if kind == "courtesy" and screening.tier == Tier.NONE:
            return Turn(state, Tier.NONE, Category.NONE, "pass")
        return Turn(state, Tier.CRISIS, state.category, "locked_topic")
    if screening.tier == Tier.CHECK_IN:
        risen = replace(_risen(state, screening.tier, screening.category, screening.subject),
                        question_open=True, crisis_turns=state.crisis_turns + 1)
        return Turn(risen, Tier.CHECK_IN, screening.category, "check_in")
    if screening.tier == Tier.INFO:
        return Turn(_risen(state, Tier.INFO, screening.category, screening.subject), Tier.INFO,
                    screening.category, "info_line")
    return Turn(replace(state, question_open=False), Tier.NONE, Category.NONE, "pass")


def _after_crisis(state: ConversationState, kind: str | None, screening: Screening) -> Turn | None:
    """Return the turn that answers a crisis reply, or None when the message is about something else."""
    closed = replace(state, question_open=False)
    if state.question_open and kind == "yes":
        # Asked whether they think of suicide, they said so.
        return _danger(state, Tier.CRISIS, Category.SUICIDE, state.subject, lock=state.subject != Subject.OTHER)
    if kind == "fine":
        return Turn(closed, Tier.CHECK_IN, state.category, "acknowledge_fine")
    if kind == "refuses" and state.question_open:
        # No answer counts as yes, without asking again.
        risen = _risen(closed, Tier.CRISIS, Category.SUICIDE, state.subject)
        return Turn(replace(risen, locked=state.subject != Subject.OTHER), Tier.CRISIS, Category.SUICIDE,
                    "accept_refusal")
    if kind == "refuses_988":
        return Turn(state, state.tier, state.category, "refuses_988")
    if kind == "secrecy":
        return Turn(state, state.tier, state.category, "no_secrecy")
    return None


def _danger(state: ConversationState, tier: Tier, category: Category, subject: Subject, lock: bool) -> Turn:
    risen = _risen(state, tier, category, subject)
    after = replace(risen, locked=state.locked or lock, crisis_turns=state.crisis_turns + 1,
                    question_open=tier == Tier.CRISIS)
    return Turn(after, tier, category, "crisis_reply")


def _risen(state: ConversationState, tier: Tier, category: Category, subject: Subject) -> ConversationState:
    """Return the state at the more urgent of its own and the given tier."""
    # Once someone is known to be a minor, they stay one.
    who = Subject.MINOR if Subject.MINOR in (state.subject, subject) else subject
    if tier >= state.tier:
        return replace(state, tier=tier, category=category, subject=who)
    return replace(state, subject=who if who == Subject.MINOR else state.subject)


def _active_suicide(screening: Screening) -> bool:
    """Return whether someone speaks of their own suicide as more than a passive wish (T1, T2)."""
    if screening.category != Category.SUICIDE or screening.subject == Subject.OTHER:
        return False
    rules = [reason.rule for reason in screening.reasons if reason.rule.startswith("suicide.")]
    passive = bool(rules) and all(rule.startswith("suicide.passive") for rule in rules)
    return screening.tier == Tier.EMERGENCY or not passive


def _kind(text: str) -> str | None:
    """Return what sort of short answer a message is, or None."""
    plain = _plain(text)
    if not plain or len(plain.split()) > ANSWER_WORDS:
        return None
    for kind, whole, starts in _phrases():
        if plain in whole or any(plain.startswith(start) for start in starts):
            return kind
    return None


def _plain(text: str) -> str:
    low = unicodedata.normalize("NFKC", text[:400]).lower()
    return " ".join(re.sub(r"[^\w\s]", "", low.replace("’", "'").replace("'", "")).split())


@lru_cache(maxsize=1)
def _phrases() -> list[tuple[str, frozenset[str], tuple[str, ...]]]:
    try:
        answers = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))["answers"]
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return []  # every answer is then met by the screen alone
    return [(kind, frozenset(entry for entry in entries if not entry.endswith("…")),
             tuple(entry[:-1] for entry in entries if entry.endswith("…")))
            for kind, entries in answers.items()]
