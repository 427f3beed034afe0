"""Answer questions as a patient would get them, from the trained model in this process.

Reads one JSON object a line ({"question": ...}) from standard input, or a bare question from the
command line; writes one JSON object a line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.commands._django import setup
from bot.commands._lines import Lines

if TYPE_CHECKING:
    from bot.records.store import Reply

TIMEOUT = 30.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("question", nargs="*", help="a bare question; without it, JSON lines are read")


def run(args: argparse.Namespace) -> int:
    """Answer each question by itself; returns 1 when a line could not be read."""
    setup(database=True)  # the actions look for visits in the records
    from bot.commands._local_rasa import LocalRasa, NoModel
    from bot.settings import get_settings

    lines = Lines(args.question, "question")
    try:
        rasa = LocalRasa(get_settings().env.models)
    except NoModel as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    asyncio.run(_answer_all(lines, rasa))
    return 1 if lines.bad else 0


async def _answer_all(lines: Lines, rasa: Any) -> None:
    from bot.channels.service import build_gateway
    from bot.settings import get_settings

    gateway = build_gateway(get_settings(), rasa)
    for number, question in enumerate(lines, 1):
        reply = await answer_one(gateway, question, f"ask-{number}")
        print(json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8"), flush=True)


async def answer_one(gateway: Any, question: str, sender: str) -> dict[str, Any]:
    """Return the contract's object for one question in a conversation of its own."""
    from django.utils import timezone

    from bot.channels import decide
    from bot.channels.rasa import RasaUnavailable, Turn
    from bot.channels.text import clean
    from bot.records.models import Conversation

    started = time.perf_counter()
    text = clean(question)
    screening = gateway.screen.read(text)
    conversation = Conversation(channel="terminal")
    decision = decide.decide(conversation, text, screening, gateway.replies, gateway.clinic, timezone.now())
    replies = [decision.reply] if decision.reply else []
    if not replies:
        metadata = {"tier": decision.tier, "category": decision.category, "channel": "terminal",
                    "first_answer": True}
        try:
            raw = await gateway.rasa.ask(Turn(sender, text, None, metadata), TIMEOUT)
            replies = [decide.reply_of(item) for item in raw if item.get("text")]
        except RasaUnavailable:
            pass
        if not replies:
            replies = [decide.fallback_reply(gateway.replies, conversation, gateway.clinic, timezone.now())]
        if decision.addition and not any(reply.extra.get("resources") for reply in replies):
            replies.append(decision.addition)
    first = replies[0]
    return {
        "question": question, "kind": first.kind, "text": "\n".join(reply.text for reply in replies),
        "topics": [reply.extra["topic"] for reply in replies if reply.extra.get("topic")],
        "caveats_each": [reply.extra.get("caveats", []) for reply in replies],
        "caveats": _all(replies, "caveats"), "sources": _all(replies, "sources"),
        "suggestions": [choice["label"] for choice in _all(replies, "choices") if not choice["send"].startswith("/")],
        "screening": {"tier": screening.tier.value, "category": screening.category.value},
        "ms": round((time.perf_counter() - started) * 1000, 1),
    }


def _all(replies: Sequence[Reply], name: str) -> list[Any]:
    """Return what all replies to a question bring of one thing, each once."""
    found: list[Any] = []
    for each in (each for reply in replies for each in reply.extra.get(name, [])):
        if each not in found:
            found.append(each)
    return found
