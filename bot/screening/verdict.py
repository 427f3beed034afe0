"""What a screening says: tier, category, subject and the reasons for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import total_ordering
from typing import Any


@total_ordering
class Tier(Enum):
    """How urgent a message is; tiers compare, `Tier.EMERGENCY` is the greatest."""

    NONE = "none"
    INFO = "info"
    CHECK_IN = "check_in"
    CRISIS = "crisis"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """Return 0 for `none` up to 4 for `emergency`."""
        return _RANK[self.value]

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Tier):
            return NotImplemented
        return self.rank < other.rank


_RANK = {"none": 0, "info": 1, "check_in": 2, "crisis": 3, "emergency": 4}


class Category(str, Enum):
    """What a message is about."""

    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    MEDICAL = "medical"
    OVERDOSE = "overdose"
    VIOLENCE = "violence"
    ABUSE = "abuse"
    PSYCHOSIS = "psychosis"
    SUBSTANCE = "substance"
    ADVERSE_EFFECT = "adverse_effect"
    DISTRESS = "distress"
    NONE = "none"


class Subject(str, Enum):
    """Whom a message is about: the writer, someone else, or a writer under eighteen."""

    SELF = "self"
    OTHER = "other"
    MINOR = "minor"


@dataclass(frozen=True)
class Reason:
    """One ground for a verdict; `span` is in characters of the original message."""

    by: str
    rule: str
    span: tuple[int, int]
    score: float


@dataclass(frozen=True)
class Screening:
    """The verdict on one message; `ms` is the time it took, in milliseconds."""

    tier: Tier
    category: Category
    subject: Subject
    language: str
    reasons: tuple[Reason, ...]
    ms: float

    def as_dict(self, text: str) -> dict[str, Any]:
        """Return the shape that the `screen` command prints."""
        reasons = [{"by": r.by, "rule": r.rule, "span": list(r.span), "score": round(r.score, 3)}
                   for r in self.reasons]
        return {"text": text, "tier": self.tier.value, "category": self.category.value,
                "subject": self.subject.value, "language": self.language,
                "reasons": reasons, "ms": round(self.ms, 3)}


# Which category speaks when several have the same tier (the clinic's triage order).
PRECEDENCE = (Category.MEDICAL, Category.OVERDOSE, Category.SUICIDE, Category.VIOLENCE, Category.PSYCHOSIS,
              Category.ABUSE, Category.SELF_HARM, Category.SUBSTANCE, Category.ADVERSE_EFFECT,
              Category.DISTRESS, Category.NONE)
