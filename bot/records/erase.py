"""A patient's wish to be forgotten, within what a clinic must keep."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bot.records import store
from bot.records.dialogue_memory import forget_dialogue
from bot.records.models import Conversation


def erase(conversation: Conversation) -> bool:
    """Erase a conversation's words and return whether some had to be kept.

    A conversation in which danger was read is kept for the clinic's records and only closed
    to the patient; of any other no word remains.
    """
    with transaction.atomic():
        forget_dialogue(conversation.case)
        kept = conversation.tier in ("emergency", "crisis") or conversation.alerts.exists()
        if not kept:
            conversation.messages.all().delete()
            conversation.appointments.filter(state="held").delete()
        store.touch(conversation, erased_at=timezone.now())
    return kept
