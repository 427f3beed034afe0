"""Do the night's work now: delete what is past its time, group the unanswered questions.

The worker starts this every night at three, in the clinic's time.
"""

from __future__ import annotations

import argparse

from bot.commands._django import setup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--purge-only", action="store_true", help="do not group the unanswered questions")


def run(args: argparse.Namespace) -> int:
    """Do it, and print how much of each kind went."""
    setup(database=True)
    from django.utils import timezone

    from bot.records.models import AuditRow
    from bot.records.purge import purge
    from bot.settings import get_settings

    gone = purge(get_settings().clinic.retention, timezone.now())
    for kind, count in gone.items():
        print(f"{count:8} {kind} deleted")
    counts = ", ".join(f"{count} {kind}" for kind, count in gone.items() if count)
    AuditRow.objects.create(actor=None, action="purge", detail=(counts or "nothing was due")[:200])
    if not args.purge_only:
        from bot.desk.unanswered import regroup

        print(f"{regroup(timezone.now()):8} groups of unanswered questions")
    return 0
