"""Who may do what at the desk. Everyone signed in may read the queue and transcripts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from bot.desk.models import Role, StaffProfile

ANSWER = "answer"        # take over, reply, acknowledge, write notes
CLEAR = "clear"          # lift the block after danger: a clinician's act
AUDIT = "audit"          # read the audit
ACCOUNTS = "accounts"    # invite and end accounts
REVEAL = "reveal"        # see personal details, with a reason
DATA = "data"            # erase a person's records, hold them against erasure

_MAY: dict[str, frozenset[str]] = {
    Role.REVIEWER: frozenset(),
    Role.CLINICIAN: frozenset({ANSWER, REVEAL, CLEAR}),
    Role.MANAGER: frozenset({ANSWER, REVEAL, AUDIT, DATA}),
    Role.ADMINISTRATOR: frozenset({ANSWER, REVEAL, CLEAR, AUDIT, DATA, ACCOUNTS}),
}


def abilities(user: Any) -> frozenset[str]:
    """Return what this user may do; a superuser may do all, a user without a profile may only read."""
    if user.is_superuser:
        return _MAY[Role.ADMINISTRATOR]
    profile = getattr(user, "desk", None) or StaffProfile.objects.filter(user=user).first()
    return _MAY[profile.role] if profile else frozenset()


def who_may(ability: str) -> list[Any]:
    """Return the people with an ability, by name."""
    people = get_user_model().objects.filter(is_active=True).select_related("desk").order_by("username")
    return [user for user in people if ability in abilities(user)]


def display_name(user: Any) -> str:
    """Return the name that colleagues and patients see."""
    return str(user.get_full_name() or user.get_username())
