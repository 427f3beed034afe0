"""Measure the screen and the answers, and write the safety card and the answer card as JSON and Markdown."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml

from bot.evaluation.card import below_floor, headline, markdown
from bot.evaluation.safety import headline_card, safety_card
from bot.screening import load_screen

DATA = Path("data/screening")
ANSWERS = Path("data/evaluation")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--data", type=Path, help="folder of public JSON-lines sets to measure on besides")
    parser.add_argument("--model", type=Path, default=Path("models/screening"), help="folder of the classifier")
    parser.add_argument("--out", type=Path, default=Path("var/evaluation"), help="folder of the JSON file")
    parser.add_argument("--page", type=Path, default=Path("docs/safety-card.md"), help="the safety card's page")
    parser.add_argument("--answers-page", type=Path, default=Path("docs/answer-card.md"), help="the answer card's page")
    parser.add_argument("--only", choices=("safety", "answers"), help="measure one of the two")
    parser.add_argument("--messages", type=Path, default=DATA / "evaluation", help="folder of the labelled messages")
    parser.add_argument("--floors", type=Path, default=DATA / "lexicon" / "context" / "floors.yml",
                        help="file of the safety card's limits")
    parser.add_argument("--headline", action="store_true", help="of the safety card, only the figures that have limits")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a figure is under its floor")


def run(args: argparse.Namespace) -> int:
    """Measure, print and write the cards; returns 1 when a figure is under its recorded floor."""
    if args.data and not args.data.is_dir():
        print(f"error: {args.data} is not a folder", file=sys.stderr)
        return 2
    worse: list[str] = []
    if args.only != "answers":
        worse += _safety(args)
    if args.only != "safety":
        from bot.commands._local_rasa import NoModel

        try:
            worse += _answers(args)
        except NoModel as error:
            worse.append(str(error))
    for line in worse:
        print(f"error: {line}", file=sys.stderr)
    return 1 if worse else 0


def _safety(args: argparse.Namespace) -> list[str]:
    floors = yaml.safe_load(args.floors.read_text(encoding="utf-8"))["floors"]
    screen = load_screen(DATA, args.model)
    if args.headline:
        card = headline_card(screen, args.messages)
        print(headline(card))
        return below_floor(card, floors)
    card = safety_card(screen, args.messages, args.data)
    _put(card, markdown(card), "safety.json", args.page, args)
    return below_floor(card, floors)


def _answers(args: argparse.Namespace) -> list[str]:
    from bot.commands._answer_card import measure
    from bot.evaluation.answer_page import answer_page, broken

    card = measure(ANSWERS)
    _put(card, answer_page(card), "answers.json", args.answers_page, args)
    limits = yaml.safe_load((ANSWERS / "floors.yml").read_text(encoding="utf-8"))
    return broken(card, limits["floors"], limits["grade"])


def _put(card: dict[str, Any], page: str, name: str, place: Path, args: argparse.Namespace) -> None:
    """Print a card, and write it unless it is only checked."""
    print(page)
    if not args.check:
        args.out.mkdir(parents=True, exist_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        (args.out / name).write_text(json.dumps(card, indent=1), encoding="utf-8")
        place.write_text(page, encoding="utf-8")
