"""Talk to the assistant in the terminal, through the same gateway as the channels."""

from __future__ import annotations

import argparse
import asyncio
import sys
import uuid
from typing import Any

from bot.commands._django import setup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""


def run(args: argparse.Namespace) -> int:
    """Chat until the end of the input; the conversation is on record like any other."""
    setup(database=True)
    from bot.commands._local_rasa import LocalRasa, NoModel
    from bot.settings import get_settings

    try:
        rasa = LocalRasa(get_settings().env.models)
    except NoModel as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    asyncio.run(_chat(rasa))
    return 0


async def _chat(rasa: Any) -> None:
    from django.utils import timezone

    from bot.channels import notices
    from bot.channels.inbound import Inbound
    from bot.channels.service import build_gateway
    from bot.records import store
    from bot.settings import get_settings

    gateway = build_gateway(get_settings(), rasa)
    gateway.timeout = 30.0  # the model's first answer in a fresh process takes longer

    def begin() -> Any:
        conversation = store.open_conversation("terminal")
        greeting = notices.greeting(gateway.replies, conversation, gateway.clinic, timezone.now())
        store.record_replies(None, conversation, [greeting])
        return conversation, greeting

    conversation, greeting = await gateway.in_thread(begin)
    print(greeting.text)
    choices: list[dict[str, Any]] = []
    while (text := await asyncio.to_thread(_read)) is not None:
        if not text.strip():
            continue
        choice = choices[int(text) - 1] if text.strip().isdigit() and 0 < int(text) <= len(choices) else None
        key = uuid.uuid4().hex
        outcome = await gateway.receive(Inbound(
            conversation, f"terminal:{key}", key, choice["label"] if choice else text, choice))
        choices = []
        for reply in outcome.replies:
            print(reply.text)
            choices = reply.extra.get("choices", []) or choices
        for number, choice in enumerate(choices, 1):
            print(f"  {number}) {choice['label']}")


def _read() -> str | None:
    try:
        return input("> " if sys.stdin.isatty() else "")
    except EOFError:
        return None
