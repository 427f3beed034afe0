"""Put a backup in place; the service must be stopped."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.commands.run import check_ports
from bot.records.backup import BackupError, restore
from bot.settings import SettingsError, get_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("file", type=Path, help="a file that `bot backup` wrote")
    parser.add_argument("--replace", action="store_true", help="in place of the records that are there")


def run(args: argparse.Namespace) -> int:
    """Restore; returns 1 when it cannot be done, and then nothing is changed."""
    settings = get_settings()
    try:
        check_ports(settings.env)  # a process of ours that still listens would go on writing
    except SettingsError as error:
        print(f"error: the service seems to run; stop it first ({error})", file=sys.stderr)
        return 1
    try:
        made = restore(settings, args.file, args.replace)
    except (BackupError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"Restored the {made['database']} backup of {made['made']}. "
          f"Its clinic.yml is in {settings.env.var / 'clinic.restored.yml'}.")
    return 0
