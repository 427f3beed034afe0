"""Print the corrections that two reviewers agree on, as a diff over data/ (`git apply` takes it)."""

from __future__ import annotations

import argparse
import sys

from bot.commands._django import setup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command has no options."""


def run(args: argparse.Namespace) -> int:
    """Print the diff; nothing is changed by this command."""
    setup(database=True)
    from bot.desk.corrections import diff

    text = diff()
    sys.stdout.write(text)
    if not text:
        print("No new corrections: two people must give a message the same judgement.", file=sys.stderr)
    return 0
