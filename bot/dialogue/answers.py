"""Finds the reviewed answers of a message, so that Rasa's own response action can speak them."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.dialogue.booking_answers import answers_the_form
from bot.dialogue.memory import recall, with_memory
from bot.dialogue.screening import ANSWERED_BY_SCREEN
from bot.dialogue.shared import knowledge
from bot.embedding import shared_embedder
from bot.knowledge import Answer, Situation, beside, converse, follow_up, more

QUESTION = "question"
ASK_MORE = "ask_more"
BOOK = "book_consultation"
# A question that hides behind another intent: only when that one is not sure of itself.
SURE = 0.75
NOT_FOUND = ("abstain", "unsure")  # what an answer is called that answers nothing
OWN_INTENT = ("booking", "handoff", "privacy", "bot_challenge", "small_talk")
# What a reviewed answer needs to speak although understanding is sure of another intent.
OVERRULED = {"out_of_scope": 0.25, "small_talk": 0.8, "thank": 0.8, "greet": 0.8, "goodbye": 0.9, "ask_privacy": 0.8,
             "bot_challenge": 0.95, "talk_to_person": 0.97}
# Intents whose own reply is better than an abstention.
OWN_REPLY = ("out_of_scope", "small_talk", "greet", "thank", "goodbye", "affirm", "deny", "inform",
             "choose_option", "ask_more")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class AnswerFinder(GraphComponent):
    """Puts the answers on the message as `answers`, and calls a message that has one a question."""

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "AnswerFinder":
        """Create the component; the answers are read with the first message."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `answers` where the message is a question or may well be one."""
        for message in messages:
            screening = message.get("screening") or {}
            if screening.get("tier") in ANSWERED_BY_SCREEN:
                continue
            intent, metadata = message.get(INTENT) or {}, message.get("metadata") or {}
            name, sure = intent.get("name"), intent.get("confidence", 0.0)
            text = message.get(TEXT) or ""
            situation = recall(metadata, screening)
            if answers_the_form(message):
                if name == QUESTION and "?" in text:  # an answer to the booking's own question, and one besides
                    message.set("answers", with_memory(_read(text, name, sure, situation), situation),
                                add_to_output=True)
                continue
            found = _follow_up(text, name, situation)
            if not found and (name == QUESTION or sure < SURE or name in OVERRULED):
                found = _read(text, name, sure, situation)
            if found:
                _set(message, found, situation, name, sure)
            elif name == BOOK and (besides := beside(knowledge(), text, situation)):
                message.set("answers", with_memory(besides, situation), add_to_output=True)
                message.set("also_asks", True, add_to_output=True)
        return messages


def _follow_up(text: Text, intent: Text | None, situation: Situation) -> Sequence[Answer]:
    found = follow_up(knowledge(), text, situation)
    if not found and intent == ASK_MORE and situation.topic:
        return (more(knowledge(), situation),)
    return found


def _read(text: Text, intent: Text | None, sure: float, situation: Situation) -> Sequence[Answer]:
    """Return the answers to a message read as a question; none where its own intent has a better reply."""
    answers = converse(knowledge(), text, shared_embedder().encode([text])[0], situation)
    if intent == QUESTION:
        return answers
    if len(answers) == 1 and answers[0].kind in OWN_INTENT:
        return ()  # understanding has a reply, or a form, of its own for it
    if sure >= SURE and answers[0].score < OVERRULED.get(intent or "", 1.0):
        return ()
    known = any(map(_known, answers))
    return answers if known or not (intent in OWN_REPLY or sure >= SURE / 2) else ()


def _set(message: Message, answers: Sequence[Answer], situation: Situation, intent: Text | None, sure: float) -> None:
    message.set("answers", with_memory(answers, situation), add_to_output=True)
    known = any(map(_known, answers))
    if known or answers[0].topic == situation.topic or intent not in OWN_REPLY:
        message.set(INTENT, {"name": QUESTION, "confidence": max(sure, answers[0].score)}, add_to_output=True)


def _known(answer: Answer) -> bool:
    """Return whether a reviewed entry or passage speaks, even if it is to say that our team knows."""
    return answer.topic not in NOT_FOUND and answer.kind != "out_of_scope"
