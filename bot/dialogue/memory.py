"""What the dialogue remembers of its answers, kept on the assistant's own utterances.

Each answer carries the whole of it, so that the newest one is enough when a long conversation's
events are cut.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Text

from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.knowledge import Answer, Situation, Source

MEMORY = "memory"
ALARMING = ("suicide", "self_harm")


def remembered(tracker: DialogueStateTracker | None) -> Dict[Text, Any]:
    """Return what the newest answer of the conversation left to remember, empty when there was none."""
    for event in reversed(tracker.events if tracker else ()):
        if isinstance(event, BotUttered) and event.metadata.get(MEMORY):
            found: Dict[Text, Any] = event.metadata[MEMORY]
            return found
    return {}


def recall(metadata: Mapping[Text, Any], screening: Mapping[Text, Any]) -> Situation:
    """Return the situation that a message comes into, from its metadata and its verdict."""
    kept = metadata.get(MEMORY) or {}
    shown = frozenset(kept.get("shown", ()))
    return Situation(
        first=bool(metadata.get("first_answer", True)) and "K-FDA" not in shown, shown=shown,
        alarming=screening.get("tier") == "info" and screening.get("category") in ALARMING,
        topic=kept.get("topic", ""), said=tuple(kept.get("said", ())),
        sources=tuple(Source(**source) for source in kept.get("sources", ())), told=tuple(kept.get("told", ())),
        answered=frozenset(kept.get("answered", ())), options=tuple(kept.get("options", ())))


def store(situation: Situation) -> Dict[Text, Any]:
    """Return a situation as plain values for an utterance's metadata."""
    return {
        "shown": sorted(situation.shown), "topic": situation.topic, "said": list(situation.said),
        "sources": [vars(source) for source in situation.sources], "told": list(situation.told),
        "answered": sorted(situation.answered), "options": list(situation.options)}


def with_memory(answers: Sequence[Answer], situation: Situation) -> List[Dict[Text, Any]]:
    """Return answers as plain values, each with what there is to remember once it has been said."""
    out = []
    for answer in answers:
        situation = situation.after(answer)
        plain = {**vars(answer), "sources": [vars(source) for source in answer.sources]}
        out.append({**plain, MEMORY: store(situation)})
    return out
