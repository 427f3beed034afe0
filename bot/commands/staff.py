"""Accounts of the staff desk: list them, or let somebody start over who lost the phone or the password."""

from __future__ import annotations

import argparse
import sys

from bot.commands._django import setup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--reset", metavar="NAME",
                        help="give NAME a one-time password and forget their app and passkeys")


def run(args: argparse.Namespace) -> int:
    """List the accounts, or reset one; returns 1 when there is none of that name."""
    setup(database=True)
    return reset(args.reset) if args.reset else show()


def show() -> int:
    """Print every account with its role and state."""
    from django.contrib.auth import get_user_model

    from bot.desk import second_factor
    from bot.desk.roles import display_name

    people = get_user_model().objects.select_related("desk", "second_factor").order_by("username")
    for user in people:
        role = user.desk.role if hasattr(user, "desk") else "reads"
        state = "active" if user.is_active else "ended"
        app = "second factor set up" if second_factor.has_one(user) else "no second factor yet"
        print(f"{user.get_username():24} {display_name(user):28} {role:14} {state:7} {app}")
    if not people:
        print("There is no account yet: the first start makes one.", file=sys.stderr)
    return 0


def reset(name: str) -> int:
    """Give somebody a one-time password and a fresh start with the app; on record like every other change."""
    from django.contrib.auth import get_user_model

    from bot.desk import accounts, second_factor
    from bot.records.models import AuditRow

    user = get_user_model().objects.filter(username__iexact=name).first()
    if user is None:
        print(f"error: there is no account named {name!r}", file=sys.stderr)
        return 1
    second_factor.remove(user)
    password = accounts.lend_password(user)
    AuditRow.objects.create(actor=None, action="reset_app", detail=f"user {user.pk} at the command line")
    print(f"{user.get_username()}: one-time password {password}")
    return 0
