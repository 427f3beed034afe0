"""How a conversation goes on once someone was in danger: a pure state machine.

The tier never falls by itself: not by "I'm fine", not by silence, not by small talk. Only staff
unlock a conversation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .moves import Moves, load_moves
from .verdict import Category, Screening, Subject, Tier

MOVES = ("crisis_reply", "check_in", "acknowledge_fine", "accept_refusal", "refuses_988", "no_secrecy",
         "locked_topic", "info_line", "pass")
# The tier of these says that someone may die by their own hand: the conversation locks.
_LOCKING = frozenset(Category) - {Category.ADVERSE_EFFECT, Category.DISTRESS, Category.NONE, Category.SUBSTANCE,
                                  Category.SELF_HARM, Category.ABUSE}


@dataclass(frozen=True)
class ConversationState:
    """What must be remembered: the highest tier, whom and what it was about, what was asked and said."""

    tier: Tier = Tier.NONE
    category: Category = Category.NONE
    subject: Subject = Subject.SELF
    locked: bool = False
    question_open: bool = False
    crisis_turns: int = 0


@dataclass(frozen=True)
class Turn:
    """What to do with one message, and the state after it."""

    state: ConversationState
    tier_for_reply: Tier
    category: Category
    move: str


def advance(state: ConversationState, text: str, screening: Screening, moves: Moves | None = None) -> Turn:
    """Return the next move and state; `screening` is the verdict on `text`."""
    if screening.tier >= Tier.CRISIS:
        return _danger(state, screening.tier, screening.category, screening.subject)
    if state.tier < Tier.CHECK_IN:
        return _calm(state, screening)
    found = (moves or load_moves()).read(text)
    if state.question_open and "yes" in found and "acknowledge_fine" not in found:
        # A yes to "are you thinking about suicide?" is a statement of it.
        raised = max(state.tier, Tier.CRISIS)
        return _danger(state, raised, Category.SUICIDE, state.subject)
    for move in ("no_secrecy", "refuses_988"):
        if move in found:
            return _keep(state, move, asked=state.question_open)
    if "acknowledge_fine" in found and screening.tier < Tier.CHECK_IN:
        return _keep(state, "acknowledge_fine", asked=False)
    if state.question_open and "accept_refusal" in found and screening.tier < Tier.CHECK_IN:
        return _keep(state, "accept_refusal", asked=False)
    if screening.tier is Tier.CHECK_IN:
        return _worry(state, screening)
    if state.locked:
        if "business" in found or screening.tier is Tier.INFO:
            return _keep(state, "locked_topic", asked=False)
        if "courtesy" in found and "person" not in found:
            # Small talk would offer questions about ketamine, and visits.
            return _keep(state, "acknowledge_fine", asked=False)
        if "person" in found:
            # "Can I talk to someone?" is answered as such; help stays pinned in view.
            return Turn(replace(state, question_open=False), Tier.NONE, Category.NONE, "pass")
        return _keep(state, "crisis_reply", asked=False, turns=1)
    return _calm(state, screening)


def _danger(state: ConversationState, tier: Tier, category: Category, subject: Subject) -> Turn:
    """Answer danger; the worst so far is what the state remembers."""
    worse = tier >= state.tier
    after = replace(
        state, tier=max(tier, state.tier), category=category if worse else state.category,
        subject=_subject(state.subject, subject), locked=state.locked or _locks(tier, category),
        question_open=True, crisis_turns=state.crisis_turns + 1)
    return Turn(after, tier, category, "crisis_reply")


def _worry(state: ConversationState, screening: Screening) -> Turn:
    """Ask once, gently; after a crisis stay with what was said then."""
    if state.locked:
        return _keep(state, "crisis_reply", asked=False, turns=1)
    worse = screening.tier >= state.tier
    after = replace(state, tier=max(state.tier, screening.tier),
                    category=screening.category if worse else state.category,
                    subject=_subject(state.subject, screening.subject), question_open=True,
                    crisis_turns=state.crisis_turns + 1)
    return Turn(after, screening.tier, screening.category, "check_in")


def _calm(state: ConversationState, screening: Screening) -> Turn:
    """Let the message go on to its answer, with a line about help where its words call for one."""
    if screening.tier is Tier.CHECK_IN:
        return _worry(state, screening)
    after = replace(state, tier=max(state.tier, screening.tier), question_open=False,
                    category=state.category if state.tier >= screening.tier else screening.category,
                    subject=_subject(state.subject, screening.subject))
    move = "info_line" if screening.tier is Tier.INFO else "pass"
    return Turn(after, screening.tier, screening.category, move)


def _keep(state: ConversationState, move: str, *, asked: bool, turns: int = 0) -> Turn:
    """Answer within what was said before; nothing is cleared but the open question."""
    after = replace(state, question_open=asked, crisis_turns=state.crisis_turns + turns)
    return Turn(after, state.tier, state.category, move)


def _locks(tier: Tier, category: Category) -> bool:
    return tier is Tier.EMERGENCY or (tier is Tier.CRISIS and category in _LOCKING)


def _subject(before: Subject, now: Subject) -> Subject:
    """Once a minor, always a minor in this conversation."""
    return Subject.MINOR if Subject.MINOR in (before, now) else now if now is not Subject.SELF else before
