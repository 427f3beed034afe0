"""What the conversation says in Spanish, where it may: the answers were reviewed in English and stay in it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, Optional, Text

from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.shared import DATA
from bot.settings import read_yaml

SPANISH = "es"


def is_spanish(tracker: DialogueStateTracker) -> bool:
    """Return whether the conversation is in Spanish; a booking goes on in the language that it began in."""
    last = tracker.latest_message
    spoken = (last.metadata or {}).get("language") if last else None
    booking = tracker.get_slot("language") if tracker.active_loop_name else None
    return (booking or spoken) == SPANISH


def in_spanish(response: Text, message: Dict[Text, Any]) -> Dict[Text, Any]:
    """Return a response of the domain in Spanish, its text not filled in; unchanged where there is no Spanish."""
    text = spoken()["says"].get(response)
    return _labelled({**message, "text": text}) if text else message


def marked(answer: Dict[Text, Any]) -> Dict[Text, Any]:
    """Return an answer with the line before it that says that it is in English."""
    return _labelled({**answer, "text": f"{spoken()['in_english']}\n{answer['text']}"})


def person_when(is_open: bool, opens: Optional[Text], words: Dict[Text, Text]) -> Text:
    """Return when a person reads; `words` say the clinic's "Monday at 9:00 am" in Spanish."""
    said: Dict[Text, Text] = spoken()["person_when"]
    if is_open or not opens:
        return said["open" if is_open else "closed"]
    return said["closed_until"].format(opens=" ".join(words.get(word, word) for word in opens.split()))


def _labelled(message: Dict[Text, Any]) -> Dict[Text, Any]:
    labels = spoken()["buttons"]
    buttons = message.get("buttons") or ()
    said = [{**button, "title": labels.get(button["title"], button["title"])} for button in buttons]
    return {**message, "buttons": said} if said else message


@lru_cache(maxsize=1)
def spoken() -> Dict[Text, Any]:
    """Return `data/dialogue/es.yml`."""
    return dict(read_yaml(DATA / "dialogue" / "es.yml"))
