"""The gateway's way into Rasa: loopback, with a secret, one JSON answer a message."""

from __future__ import annotations

import hmac
import json
import logging
import os
import re
import time
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

from bot import logs
from bot.dialogue.memory import MEMORY, remembered
from bot.dialogue.phrases import THEN
from bot.dialogue.shared import vector_of
from bot.embedding import shared_embedder

log = logging.getLogger(__name__)
_SENDER = re.compile(r"[A-Za-z0-9_+-]{4,64}")
_INTENT = re.compile(r"([a-z_]+)(\{.*\})?", re.DOTALL)
# What the gateway reads of an utterance.
PASSED_ON = ("text", "kind", "topic", "buttons", "sources", "caveats", "resources", "input")


class Collected(OutputChannel):
    """Keeps what Rasa says, whole, instead of sending it."""

    def __init__(self) -> None:
        self.messages: List[Dict[Text, Any]] = []

    @classmethod
    def name(cls) -> Text:
        """Return the channel's name in the tracker."""
        return "clinic"

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        """Keep one message, and those that belong behind it; Rasa's own channels would cut it at blank lines."""
        for each in (message, *(message.get(THEN) or ())):
            self.messages.append({key: each[key] for key in PASSED_ON if each.get(key)})


class GatewayChannel(InputChannel):
    """Takes turns from the gateway only."""

    def __init__(self, token: Text) -> None:
        self._token = token

    @classmethod
    def name(cls) -> Text:
        """Return the part of the address."""
        return "clinic"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "GatewayChannel":
        """Create the channel with the secret that the gateway shares."""
        token = (credentials or {}).get("token") or ""
        if len(token) < 16 or token.startswith("$"):
            raise ValueError("credentials.yml: bot.dialogue.channel.GatewayChannel: token: set BOT_INTERNAL_TOKEN")
        return cls(token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the two addresses of the channel."""
        logs.configure("rasa")  # Rasa has set up its own by now
        blueprint = Blueprint("gateway_channel", __name__)
        busy = 0

        @blueprint.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            loaded = agent is not None and agent.is_ready()
            return response.json({"model": loaded, "busy": busy, "pid": os.getpid()}, status=200 if loaded else 503)

        @blueprint.route("/message", methods=["POST"])
        async def message(request: Request) -> HTTPResponse:
            if not hmac.compare_digest(request.headers.get("X-Internal-Token", "").encode(), self._token.encode()):
                return response.json({"error": "forbidden"}, status=403)
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                return response.json({"error": "no model"}, status=503)
            nonlocal busy
            busy += 1
            try:
                started = time.perf_counter()
                body = json.loads(request.body)
                logs.bind((body.get("metadata") or {}).get("request"))
                collected = await answer(body, on_new_message, agent.tracker_store)
                log.info("turn", extra={"case": body["sender"], "replies": len(collected),
                                        "ms": round(1000 * (time.perf_counter() - started), 1)})
            except Exception as error:
                # The text of an error may quote the patient: only its kind is logged.
                log.error("A turn failed: %s", type(error).__name__)
                return response.json({"error": "failed"}, status=500)
            finally:
                busy -= 1
            return response.json({"messages": collected})

        return blueprint


async def answer(body: Dict[Text, Any], handle: Callable[[UserMessage], Awaitable[Any]],
                 trackers: TrackerStore) -> List[Dict[Text, Any]]:
    """Return Rasa's messages for one turn; raises `ValueError` for a turn that cannot be one."""
    sender = str(body.get("sender", ""))
    if not _SENDER.fullmatch(sender):
        raise ValueError("sender")
    out = Collected()
    metadata = dict(body.get("metadata") or {})
    vector = vector_of(metadata.pop("vector", None))
    if vector is not None:
        shared_embedder().remember(body["text"], vector)
    metadata.update(await _before(trackers, sender))
    parsed = parse_data(body["text"], body["intent"], metadata) if body.get("intent") else None
    await handle(UserMessage(body["text"], out, sender, parse_data=parsed, input_channel="clinic",
                             metadata=metadata))
    return out.messages


async def _before(trackers: TrackerStore, sender: Text) -> Dict[Text, Any]:
    """Return what a running form has asked for and offered, the visit booked here, and the memory of the answers."""
    tracker = await trackers.retrieve(sender)
    slot = tracker.get_slot("requested_slot") if tracker and tracker.active_loop_name else None
    offered = tracker.get_slot("offered_slots") if tracker and slot else None
    visit = tracker.get_slot("visit") if tracker and not slot else None
    refused = tracker.get_slot("refused") if tracker and not slot else None
    found = {"requested_slot": slot, "offered_slots": offered, "visit": visit, "refused": refused,
             MEMORY: remembered(tracker)}
    return {name: value for name, value in found.items() if value}


def parse_data(text: Text, intent: Text, metadata: Dict[Text, Any]) -> Dict[Text, Any]:
    """Return what understanding would have found for a button ("name" or "name{entities}") or a crisis."""
    match = _INTENT.fullmatch(intent)
    if match is None:
        raise ValueError("intent")
    entities = json.loads(match[2]) if match[2] else {}
    return {
        "text": text,
        "intent": {"name": match[1], "confidence": 1.0},
        "intent_ranking": [{"name": match[1], "confidence": 1.0}],
        "entities": [{"entity": name, "value": value, "start": 0, "end": len(text)}
                     for name, value in entities.items()],
        "screening": {"tier": metadata.get("tier", "none"), "category": metadata.get("category", "none")},
    }
