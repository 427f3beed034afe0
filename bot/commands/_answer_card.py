"""Asks the whole assistant, in this process, what the answer card is measured on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.commands._django import setup

SETS = ("first", "second", "third", "fourth")


def measure(folder: Path, rasa: Any = None) -> dict[str, Any]:
    """Return the answer card over the sets in `folder`, of the model that is loaded or the newest; raises `NoModel`."""
    if rasa is None:
        setup(database=True)  # the actions look for visits in the records
    from bot.channels.service import build_gateway
    from bot.commands._local_rasa import LocalRasa
    from bot.commands.ask import answer_one
    from bot.dialogue.shared import knowledge, warm_up
    from bot.evaluation.answers import answer_card
    from bot.evaluation.questions import read_questions
    from bot.settings import get_settings

    settings = get_settings()
    gateway = build_gateway(settings, rasa or LocalRasa(settings.env.models))
    warm_up()
    rounds = iter(range(10**9))

    async def all_of(texts: Sequence[str]) -> list[dict[str, Any]]:
        return [await answer_one(gateway, text, f"card-{next(rounds)}") for text in texts]

    with asyncio.Runner() as runner:
        return answer_card(read_questions(folder, SETS), lambda texts: runner.run(all_of(texts)), knowledge())
