"""Accounts by invitation: each starts with a one-time password that must be changed."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from bot.desk import sessions
from bot.desk.models import Role, StaffProfile

FIRST_USER = "admin"
# Letters and digits that nobody confuses when copying from a screen or a slip of paper.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def one_time_password() -> str:
    """Return a random password such as `7kmq-x2pd-9fah-w3ez` (79 bits)."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def create_first_user() -> tuple[str, str] | None:
    """Return name and one-time password of the first user, or None if the desk is in use.

    The first user who never signed in gets a new password at each call, so that a lost one is no dead end.
    """
    user_model = get_user_model()
    with transaction.atomic():
        users = list(user_model.objects.all()[:2])
        if not users:
            password = one_time_password()
            user = user_model.objects.create_superuser(FIRST_USER, password=password)
            StaffProfile.objects.create(user=user, role=Role.ADMINISTRATOR)
            return FIRST_USER, password
        only = users[0]
        if len(users) == 1 and only.last_login is None and only.is_superuser and must_change(only):
            return only.get_username(), lend_password(only)
    return None


def invite(name: str, full_name: str, role: str) -> tuple[Any, str]:
    """Return a new user and their one-time password; an administrator is a superuser."""
    password = one_time_password()
    first, _, last = full_name.strip().partition(" ")
    with transaction.atomic():
        user = get_user_model().objects.create_user(
            name, password=password, first_name=first, last_name=last,
            is_superuser=role == Role.ADMINISTRATOR)
        StaffProfile.objects.create(user=user, role=role)
    return user, password


def lend_password(user: Any) -> str:
    """Set and return a new one-time password; it ends the user's sessions."""
    password = one_time_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.end_all(user)
    StaffProfile.objects.update_or_create(user=user, defaults={"must_change": True})
    return password


def must_change(user: Any) -> bool:
    """Return whether the user still has a one-time password."""
    return StaffProfile.objects.filter(user=user, must_change=True).exists()
