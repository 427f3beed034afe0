"""Measure the screen and write the safety card as JSON and Markdown."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import yaml

from bot.evaluation.card import below_floor, markdown
from bot.evaluation.safety import safety_card
from bot.screening import load_screen

DATA = Path("data/screening")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--data", type=Path, help="folder of public JSON-lines sets to measure on besides")
    parser.add_argument("--model", type=Path, default=Path("models/screening"), help="folder of the classifier")
    parser.add_argument("--out", type=Path, default=Path("var/evaluation"), help="folder of the JSON file")
    parser.add_argument("--page", type=Path, default=Path("docs/safety-card.md"), help="the Markdown page")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a figure is under its floor")


def run(args: argparse.Namespace) -> int:
    """Measure, print and write the card; returns 1 when a figure is under its recorded floor."""
    if args.data and not args.data.is_dir():
        print(f"error: {args.data} is not a folder", file=sys.stderr)
        return 2
    card = safety_card(load_screen(DATA, args.model), DATA / "evaluation", args.data)
    page = markdown(card)
    print(page)
    if not args.check:
        args.out.mkdir(parents=True, exist_ok=True)
        args.page.parent.mkdir(parents=True, exist_ok=True)
        (args.out / "safety.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
        args.page.write_text(page, encoding="utf-8")
    floors = yaml.safe_load((DATA / "lexicon" / "context" / "floors.yml").read_text(encoding="utf-8"))["floors"]
    worse = below_floor(card, floors)
    for line in worse:
        print(f"error: {line}", file=sys.stderr)
    return 1 if worse else 0
