"""Finds the reviewed answer of a message, so that Rasa's own response action can speak it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.dialogue.shared import knowledge
from bot.embedding import shared_embedder

QUESTION = "question"
# A question that hides behind another intent: only when that one is not sure of itself.
SURE = 0.75
NOT_FOUND = ("abstain", "out_of_scope")
OWN_INTENT = ("booking", "handoff", "privacy", "bot_challenge", "small_talk")
# Intents whose own reply is better than an abstention.
OWN_REPLY = ("out_of_scope", "small_talk", "greet", "thank", "goodbye", "affirm", "deny", "inform",
             "choose_option", "ask_more")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class AnswerFinder(GraphComponent):
    """Puts the answer on the message as `answer`, and calls a message that has one a question."""

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "AnswerFinder":
        """Create the component; the answers are read with the first message."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `answer` where the message is a question or may well be one."""
        for message in messages:
            intent = message.get(INTENT) or {}
            name, sure = intent.get("name"), intent.get("confidence", 0.0) >= SURE
            if name != QUESTION and sure:
                continue
            metadata = message.get("metadata") or {}
            text = message.get(TEXT) or ""
            answer = knowledge().answer(
                text, shared_embedder().encode([text])[0],
                first_ketamine_answer=bool(metadata.get("first_answer", True)))
            found = answer.kind not in NOT_FOUND
            if name != QUESTION and answer.kind in OWN_INTENT:
                continue  # understanding has a reply, or a form, of its own for it
            if name != QUESTION and not found and (
                    name in OWN_REPLY or intent.get("confidence", 0.0) >= SURE / 2):
                continue
            message.set("answer", asdict(answer), add_to_output=True)
            if found or name == QUESTION or name not in OWN_REPLY:
                message.set(INTENT, {"name": QUESTION, "confidence": max(intent.get("confidence", 0.0), answer.score)},
                            add_to_output=True)
        return messages
