"""Screen messages for danger: a text, or JSON lines {"text": ...} on standard input."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import IO

from bot.screening import Screen, load_screen


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("text", nargs="*", help="a message; without one, JSON lines are read from standard input")
    parser.add_argument("--lexicon-only", action="store_true", help="leave the classifier out")
    parser.add_argument("--data", type=Path, default=Path("data/screening"), help="folder of the lexicon")
    parser.add_argument("--model", type=Path, default=Path("models/screening"), help="folder of the classifier")


def run(args: argparse.Namespace) -> int:
    """Print one verdict a message; returns 1 when a line could not be read."""
    screen = load_screen(args.data, args.model / "none" if args.lexicon_only else args.model)
    if screen.classifier is None and not args.lexicon_only:
        print(f"note: the lexicon reads alone: {screen.classifier_state}", file=sys.stderr)
    if args.text:
        _print(screen, " ".join(args.text))
        return 0
    return screen_lines(screen, sys.stdin.buffer)


def screen_lines(screen: Screen, lines: IO[bytes]) -> int:
    """Screen JSON lines as they come; returns 1 when any was not an object with a text."""
    failed = False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            _print(screen, _text(line))
        except BrokenPipeError:
            # The reader has gone; what is still buffered must not fail again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except (ValueError, RecursionError) as error:
            print(f"line {number}: {error}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


def _text(line: bytes) -> str:
    try:
        body = json.loads(line.decode("utf-8", "surrogatepass"))
    except ValueError:
        raise ValueError("not JSON") from None
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise ValueError('no "text" that is a string')
    text: str = body["text"]
    return text


def _print(screen: Screen, text: str) -> None:
    # ASCII only: a lone surrogate in the message must not break the output.
    print(json.dumps(screen.read(text).as_dict(text)), flush=True)
