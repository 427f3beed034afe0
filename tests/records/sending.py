"""A carrier's stand-in, a conversation by text, and what is on the phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.utils import timezone

from bot.records import store, texts
from bot.records.models import Conversation, Message, Outbox
from bot.settings import Settings, get_settings
from bot.standin.network import Network
from tests.standin.running import standin

PHONE = "+12125550142"
CLINIC = get_settings().clinic


@pytest.fixture
def carrier() -> Iterator[tuple[Network, Settings]]:
    settings = get_settings()
    with standin(settings.env.twilio_auth_token, settings.env.sms_number) as (network, port):
        yield network, replace(settings, env=replace(settings.env, standin_port=port))


@pytest.fixture
def chat() -> Conversation:
    return store.open_conversation("sms", phone=PHONE)


def reply(chat: Conversation, text: str = "An answer.", asked: bool = True) -> Outbox:
    """Return the queued text of a reply that was handed over and not confirmed."""
    if asked:
        Message.objects.create(conversation=chat, sender="patient", text="?", dedup=f"{timezone.now()}")
    message = Message.objects.create(conversation=chat, sender="bot", kind="answer", text=text)
    return texts.queue_replies(chat, [message])[0]


def due() -> None:
    """Let everything that is queued be due now."""
    Outbox.objects.filter(state="queued").update(not_before=timezone.now())


def on_phone(network: Network, phone: str = PHONE) -> list[str]:
    """Return the texts that reached a phone."""
    return [text.body for text in network.texts.of_phone(phone)]
