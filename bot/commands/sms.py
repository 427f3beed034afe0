"""Print what goes into Twilio's console: addresses and opt-out texts, or the fallback's TwiML."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.commands._django import setup
from bot.settings import SettingsError, get_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("what", choices=("setup", "fallback"),
                        help="setup: addresses and Advanced Opt-Out texts; fallback: TwiML with the emergency lines")
    parser.add_argument("--out", type=Path, help="write to this file instead of standard output")


def run(args: argparse.Namespace) -> int:
    """Print or write the sheet or the file."""
    setup()
    from django.utils import timezone

    from bot.channels.service import replies_for
    from bot.channels.sms.setup import fallback_twiml, setup_sheet

    settings = get_settings()
    replies = replies_for(settings.clinic.country)
    text = (fallback_twiml(replies, settings.clinic) if args.what == "fallback"
            else setup_sheet(settings, replies, timezone.now()))
    if args.out is None:
        print(text)
        return 0
    try:
        args.out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{args.out}: {error.strerror}") from None
    print(f"written to {args.out}", file=sys.stderr)
    return 0
