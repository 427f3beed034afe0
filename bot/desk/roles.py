"""Who may do what at the desk. Everyone signed in may read the queue and transcripts."""

from __future__ import annotations

from typing import Any

from bot.desk.models import Role, StaffProfile

ANSWER = "answer"        # take over, reply, acknowledge, write notes
CLEAR = "clear"          # lift the block after danger: a clinician's act
AUDIT = "audit"          # read the audit
ACCOUNTS = "accounts"    # invite and end accounts

_MAY: dict[str, frozenset[str]] = {
    Role.REVIEWER: frozenset(),
    Role.CLINICIAN: frozenset({ANSWER, CLEAR}),
    Role.MANAGER: frozenset({ANSWER, AUDIT}),
    Role.ADMINISTRATOR: frozenset({ANSWER, CLEAR, AUDIT, ACCOUNTS}),
}


def abilities(user: Any) -> frozenset[str]:
    """Return what this user may do; a superuser may do all, a user without a profile may only read."""
    if user.is_superuser:
        return _MAY[Role.ADMINISTRATOR]
    profile = StaffProfile.objects.filter(user=user).first()
    return _MAY[profile.role] if profile else frozenset()


def display_name(user: Any) -> str:
    """Return the name that colleagues and patients see."""
    return str(user.get_full_name() or user.get_username())
