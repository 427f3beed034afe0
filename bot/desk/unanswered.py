"""What patients ask that the articles don't say, grouped by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from scipy.cluster.hierarchy import fcluster, linkage

from bot.desk.masking import mask_text
from bot.desk.models import QuestionGroup
from bot.embedding import Embedder, EmbeddingUnavailable, shared_embedder
from bot.records.models import Message

KINDS = ("abstain", "out_of_scope", "fallback")
DAYS = 90
MOST = 1500      # questions; grouping grows with their square
APART = 0.54     # cosine distance of two groups of one meaning; farther, questions on different things mix
EXAMPLES = 5
KEPT = 50        # replies that a group remembers


@dataclass(frozen=True)
class Question:
    """A patient's question and the reply that did not answer it."""

    text: str
    reply: int
    at: datetime


def regroup(now: datetime, embedder: Embedder | None = None) -> int:
    """Group the newest unanswered questions anew and return how many groups there are."""
    questions = newest(now)
    groups: dict[int, list[Question]] = {}
    for question, group in zip(questions, _groups([q.text for q in questions], embedder or _embedder()), strict=True):
        groups.setdefault(group, []).append(question)
    rows = [QuestionGroup(examples=_examples(group), count=len(group), messages=[q.reply for q in group[:KEPT]],
                          last_at=group[0].at, made_at=now) for group in groups.values()]
    with transaction.atomic():
        QuestionGroup.objects.all().delete()
        QuestionGroup.objects.bulk_create(rows)
    return len(rows)


def newest(now: datetime) -> list[Question]:
    """Return the questions of the last weeks that got no answer, the newest first."""
    # By id and not by time: the newest rows are read until there are enough, whatever lies behind them.
    replies = (Message.objects.filter(sender="bot", kind__in=KINDS, answers__isnull=False,
                                      conversation__erased_at=None)
               .order_by("-id").values_list("answers__text", "id", "at")[:MOST])
    since = now - timedelta(days=DAYS)
    return [Question(text.strip(), key, at) for text, key, at in replies if at >= since and text.strip()]


def _groups(texts: Sequence[str], embedder: Embedder | None) -> list[int]:
    """Return the number of each text's group; without the embedding only equal texts are of one."""
    folded = [" ".join(text.lower().split()) for text in texts]
    known = {text: number for number, text in enumerate(dict.fromkeys(folded))}
    if embedder is None or len(known) < 2:
        return [known[text] for text in folded]
    vectors = np.asarray(embedder.encode(list(known)), dtype=np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    groups = fcluster(linkage(vectors, method="average", metric="cosine"), t=APART, criterion="distance")
    return [int(groups[known[text]]) for text in folded]


def _examples(group: Sequence[Question]) -> list[str]:
    masked = dict.fromkeys(mask_text(question.text)[:200] for question in group)
    return list(masked)[:EXAMPLES]


def _embedder() -> Embedder | None:
    try:
        return shared_embedder()
    except (EmbeddingUnavailable, OSError):
        return None
