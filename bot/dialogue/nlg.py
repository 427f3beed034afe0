"""Puts reviewed words into Rasa's mouth; nothing is generated."""

from __future__ import annotations

import copy
from typing import Any, Dict, Optional, Text

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.dialogue.phrases import answer_message, crisis_message, fill, informational_message


class ClinicNLG(NaturalLanguageGenerator):
    """Answers from `data/answers`, crisis replies from `data/screening`, the rest from the domain."""

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None) -> None:
        self._responses = domain.responses if domain else {}

    async def generate(self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text,
                       **kwargs: Any) -> Optional[Dict[Text, Any]]:
        """Return the message of a response, or None when the domain has none by that name."""
        parsed = tracker.latest_message.parse_data if tracker.latest_message else {}
        if utter_action == "utter_question" and parsed.get("answer"):
            if parsed["answer"]["kind"] == "crisis" and (parsed.get("screening") or {}).get("tier") == "info":
                return informational_message()  # read as a question about it, not as a cry for help
            return answer_message(parsed["answer"])
        if utter_action == "utter_crisis":
            found = crisis_message(parsed.get("screening") or {})
            if found is not None:
                return found
        responses = kwargs.get("domain_responses") or self._responses
        variations = responses.get(utter_action)
        if not variations:
            return None
        said = sum(1 for event in tracker.events if getattr(event, "metadata", None)
                   and event.metadata.get("utter_action") == utter_action)
        message = copy.deepcopy(variations[said % len(variations)])
        message["text"] = fill(message["text"])
        return {**message, **message.pop("metadata", {})}
