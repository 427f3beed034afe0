"""A patient's wish to be forgotten, within what a clinic must keep."""

from __future__ import annotations

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from bot.records import store
from bot.records.dialogue_memory import forget_dialogue
from bot.records.models import Conversation, Outbox, Typing

# Sent with a conversation whose words are about to go, so that what others keep of it goes too.
forgotten = Signal()


def erase(conversation: Conversation) -> bool:
    """Erase a conversation's words and return whether some had to be kept.

    A conversation in which danger was read, or that is held for a court, is kept for the clinic's
    records and only closed to the patient; of any other no word remains.
    """
    with transaction.atomic():
        forget_dialogue(conversation.case)
        kept = bool(reasons_to_keep(conversation))
        if not kept:
            forgotten.send(Conversation, conversation=conversation)
            conversation.messages.all().delete()
            conversation.taps.all().delete()
            Typing.objects.filter(conversation=conversation).delete()
            conversation.appointments.filter(state="held").delete()
            conversation.offered.all().delete()
            # Whoever still waits for a call or a time is not left waiting; that goes once it is settled.
            conversation.contact_requests.filter(state="done").delete()
            conversation.waiting_for.filter(state__in=("booked", "left")).delete()
            # What is still to be sent goes out first; the nightly purge takes it then.
            Outbox.objects.filter(conversation=conversation, state__in=(
                Outbox.State.SENT, Outbox.State.FAILED)).delete()
        store.touch(conversation, erased_at=timezone.now(), waiting=False)
    return kept


def reasons_to_keep(conversation: Conversation) -> list[str]:
    """Return why a conversation must be kept: danger, alert, hold."""
    reasons = []
    if conversation.tier in ("emergency", "crisis"):
        reasons.append("danger")
    if conversation.alerts.exists():
        reasons.append("alert")
    if conversation.held_at is not None:
        reasons.append("hold")
    return reasons
