"""Make everything ready and start nothing: train what is stale, migrate, refuse what must not go public.

For service managers and containers, which start each process by themselves.
"""

from __future__ import annotations

import argparse

from bot.commands import train
from bot.commands.run import first_user, migrate, refuse_public_drafts
from bot.settings import get_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--no-train", action="store_true", help="take the models that are there")


def run(args: argparse.Namespace) -> int:
    """Prepare; returns 1 when a part could not be trained."""
    get_settings()
    refuse_public_drafts()
    if not args.no_train and train.run(argparse.Namespace(force=False, quiet=True)):
        return 1
    migrate()
    first = first_user()
    if first:
        print(f"The desk's first user is {first[0]!r} with the one-time password {first[1]}")
    return 0
