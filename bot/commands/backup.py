"""Write the database, its keys and clinic.yml into one file; the service may go on meanwhile."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.records.backup import BackupError, write
from bot.settings import get_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("file", type=Path, help="the file to write, e.g. clinic-2026-11-22.tar.gz; keep it encrypted: "
                                                "it holds what patients wrote and the keys to read it")


def run(args: argparse.Namespace) -> int:
    """Write the backup; returns 1 when it cannot be made."""
    try:
        parts = write(get_settings(), args.file)
    except (BackupError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{args.file}: {', '.join(parts)} ({args.file.stat().st_size / 2**20:.1f} MB)")
    return 0
