"""Move the records from SQLite to an empty PostgreSQL, and prove that nothing was lost; the service must be stopped."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from bot.commands._django import setup
from bot.commands.run import check_ports
from bot.settings import ROOT, SettingsError, get_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("url", nargs="?", default=os.environ.get("TO_DATABASE_URL"),
                        help="postgres://user:password@host/name; or TO_DATABASE_URL in the environment, where no "
                             "other user of this machine can read the password")


def run(args: argparse.Namespace) -> int:
    """Move; returns 1 when it cannot be done, and then the old database is as it was."""
    settings = get_settings()
    if not settings.env.database_url.startswith("sqlite"):
        return _refuse("DATABASE_URL names no SQLite file: there is nothing to move from")
    if not args.url or not args.url.startswith(("postgres://", "postgresql://")):
        return _refuse("where to? expected postgres://user:password@host/name")
    if not Path(settings.env.database_url.removeprefix("sqlite:///")).is_file():
        return _refuse("there is no database yet: set DATABASE_URL and start")
    try:
        check_ports(settings.env)  # a process of ours that still listens would go on writing
    except SettingsError as error:
        return _refuse(f"the service seems to run; stop it first ({error})")
    setup(database=True)
    import dj_database_url
    from django.db import connections

    from bot.records import spool
    from bot.records.moving import CannotMove, move

    if spool.waiting():
        return _refuse("messages wait in the spool for the old database; start the service once, so that they go in")
    connections.databases["target"] = connections.configure_settings(
        {"default": {}, "target": dict(dj_database_url.parse(args.url))})["target"]
    try:
        proofs = move("default", "target", Path(settings.env.dialogue_url.removeprefix("sqlite:///")),
                      lambda: _make_tables(args.url))
    except CannotMove as error:
        return _refuse(str(error))
    print(f"{'table':38}{'rows':>9}{'encrypted':>11}  SHA-256 over all values, the same in both")
    for proof in proofs:
        print(f"{proof.table:38}{proof.rows:>9}{proof.encrypted or '':>11}  {proof.digest[:32]}")
    rows = sum(proof.rows for proof in proofs)
    print(f"\nEverything is there: {rows} rows in {len(proofs)} tables. Set DATABASE_URL "
          "to the new database and start; keep the old file until you are sure.")
    return 0


def _make_tables(url: str) -> None:
    """Migrate the new database in a process whose only database it is: migrations of data know no other."""
    from bot.records.moving import CannotMove

    done = subprocess.run([sys.executable, "-c", "from bot.commands._django import setup; setup(database=True)"],
                          cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True)
    if done.returncode:
        raise CannotMove(f"the tables could not be made: {(done.stderr.strip().splitlines() or ['?'])[-1]}")


def _refuse(reason: str) -> int:
    print(f"error: {reason}", file=sys.stderr)
    return 1
