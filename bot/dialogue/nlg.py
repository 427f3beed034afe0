"""Puts reviewed words into Rasa's mouth; nothing is generated."""

from __future__ import annotations

import copy
from typing import Any, Dict, Optional, Text

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.dialogue.phrases import answer_message, crisis_message, fill, informational_message, together
from bot.dialogue.spanish import in_spanish, is_spanish, marked

CHANNEL = "clinic"  # the gateway's; others show one text a turn


class ClinicNLG(NaturalLanguageGenerator):
    """Answers from `data/answers`, crisis replies from `data/screening`, the rest from the domain."""

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None) -> None:
        self._responses = domain.responses if domain else {}

    async def generate(self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text,
                       **kwargs: Any) -> Optional[Dict[Text, Any]]:
        """Return the message of a response, or None when the domain has none by that name."""
        last = tracker.latest_message
        parsed = last.parse_data if last else {}
        answers, spanish = parsed.get("answers") or [], is_spanish(tracker)
        if utter_action == "utter_question" and answers:
            said = self._answers(parsed, last.metadata if last else {}, output_channel)
            return marked(said) if spanish and said.get("kind") != "crisis" else said
        if utter_action == "utter_crisis":
            found = crisis_message(parsed.get("screening") or {})
            if found is not None:
                return found
        responses = kwargs.get("domain_responses") or self._responses
        variations = responses.get(utter_action)
        if not variations:
            return None
        times = sum(1 for event in tracker.events if getattr(event, "metadata", None)
                   and event.metadata.get("utter_action") == utter_action)
        message = copy.deepcopy(variations[times % len(variations)])
        if spanish:
            message = in_spanish(utter_action, message)
        message["text"] = fill(message["text"], "es" if spanish else "en")
        return {**message, **message.pop("metadata", {})}

    def _answers(self, parsed: Dict[Text, Any], metadata: Dict[Text, Any], channel: Text) -> Dict[Text, Any]:
        """Return the answers to a message; more than one are texts of their own only where that is possible."""
        answers, screening = parsed["answers"], parsed.get("screening") or {}
        if answers[0]["kind"] == "crisis" and screening.get("tier") == "info":
            return informational_message()  # read as a question about it, not as a cry for help
        return together([answer_message(answer) for answer in answers],
                        apart=channel == CHANNEL and metadata.get("channel") != "sms")
