"""A clinic's years of records, made from a seed: conversations, messages, verdicts, alerts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.utils import timezone

from bot.records.models import Alert, Conversation, Message, Verdict, new_case

BATCH = 5000
TIERS = ("none",) * 84 + ("info",) * 6 + ("check_in",) * 6 + ("crisis",) * 3 + ("emergency",)
KINDS = ("answer",) * 12 + ("clinic",) * 3 + ("booking",) * 2 + ("abstain", "refer", "small_talk")
WORDS = ("ketamine infusion session doctor side effects nausea week after before eat drink drive home ride sleep dream "
         "price cost insurance cover card appointment monday tuesday morning evening depression sad tired anxious "
         "better worse help question how long does it take is safe can i bring my husband sister phone parking "
         "blood pressure medicine lithium zoloft bladder memory dizzy walk work school kids dog rain hope").split()
RARE = ("xylophone", "marmalade", "lighthouse", "sarsaparilla")


class Maker:
    """Writes so many conversations with so many messages each; the same seed gives the same records."""

    def __init__(self, conversations: int, each: int, seed: int = 7) -> None:
        self.count, self.each = conversations, each
        self.dice = random.Random(seed)
        self.start = timezone.now() - timedelta(days=700)

    def write(self) -> None:
        """Write everything, in batches."""
        _in_batches(Conversation, self._conversations())
        keys = list(Conversation.objects.order_by("id").values_list("id", "created_at", "tier"))
        _in_batches(Message, self._messages(keys))
        alarming = {key: tier for key, _, tier in keys if tier != "none"}
        said = Message.objects.filter(sender="patient").values_list("id", "conversation_id").order_by("id")
        _in_batches(Verdict, self._verdicts(list(said), alarming))
        _in_batches(Alert, self._alerts(keys))

    def _conversations(self) -> Iterator[Conversation]:
        cases: set[str] = set()
        while len(cases) < self.count:
            cases.add(new_case())
        for number, case in enumerate(sorted(cases)):
            at = self.start + timedelta(seconds=number * 700 * 86400 / self.count)
            tier = self.dice.choice(TIERS)
            yield Conversation(
                case=case, channel=self.dice.choice(("web", "web", "sms")), tier=tier,
                category="suicide" if tier in ("crisis", "emergency") else "none",
                language=self.dice.choice(("en", "en", "en", "es")), created_at=at,
                updated_at=at + timedelta(minutes=self.each), waiting=number % 2500 == 0)

    def _messages(self, keys: list[tuple[int, datetime, str]]) -> Iterator[Message]:
        for key, at, _tier in keys:
            for turn in range(self.each):
                patient = turn % 2 == 0
                when = at + timedelta(minutes=turn)
                yield Message(
                    conversation_id=key, sender="patient" if patient else "bot", at=when,
                    kind="" if patient else self.dice.choice(KINDS), text=self._text(6 if patient else 30),
                    answered_at=when if patient else None)

    def _text(self, words: int) -> str:
        chosen = self.dice.choices(WORDS, k=words)
        if self.dice.random() < 0.0002:
            chosen.append(self.dice.choice(RARE))
        return " ".join(chosen)

    def _verdicts(self, said: list[tuple[int, int]], alarming: dict[int, str]) -> Iterator[Verdict]:
        for message, conversation in said:
            tier = alarming.pop(conversation, "none")
            yield Verdict(message_id=message, tier=tier, category="none", subject="self", language="en", ms=1.0)

    def _alerts(self, keys: list[tuple[int, datetime, str]]) -> Iterator[Alert]:
        newest = keys[-1][0]
        for key, at, tier in keys:
            if tier not in ("crisis", "emergency"):
                continue
            is_open = key > newest - self.count // 100
            yield Alert(conversation_id=key, priority="P1" if tier == "emergency" else "P2", reason=f"{tier}.suicide",
                        created_at=at, acknowledged_at=None if is_open else at + timedelta(minutes=4),
                        outcome="" if is_open else self.dice.choice(("reached", "left_message", "false_alarm")))


def _in_batches(model: type[Any], rows: Iterator[Any]) -> None:
    while batch := list(islice(rows, BATCH)):
        model.objects.bulk_create(batch)
