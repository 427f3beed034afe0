"""A person steps in: takes a conversation over, answers, hands it back."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bot.records import news, store
from bot.records.models import Conversation, Message
from bot.records.texts import queue_staff_text


class NotYours(Exception):
    """Another staff member has the conversation."""


def take_over(conversation: Conversation, user: User) -> None:
    """Give a conversation to a staff member; raises `NotYours` when another has it."""
    taken = (Conversation.objects.filter(pk=conversation.pk)
             .filter(Q(owner=None) | Q(owner=user)).update(owner=user, waiting=False))
    if not taken:
        raise NotYours
    if conversation.owner_id != user.pk:
        conversation.refresh_from_db()
        _say(conversation, f"{_name(user)} from the clinic has joined this chat.")


def send_staff_reply(conversation: Conversation, user: User, text: str) -> Message:
    """Write a person's reply and send it; raises `NotYours` unless the conversation is theirs."""
    conversation.refresh_from_db()
    if conversation.owner_id != user.pk:
        raise NotYours
    with transaction.atomic():
        message = Message.objects.create(conversation=conversation, sender=Message.Sender.STAFF,
                                         kind="staff", text=text.strip(), staff=user)
        store.touch(conversation, waiting=False)
        queue_staff_text(conversation, message)
        news.tell(conversation.pk)
    return message


def hand_back(conversation: Conversation, user: User) -> None:
    """Let the assistant answer again; raises `NotYours` unless the conversation is theirs."""
    if not Conversation.objects.filter(pk=conversation.pk, owner=user).update(owner=None):
        raise NotYours
    conversation.refresh_from_db()
    _say(conversation, f"{_name(user)} has left the chat. You are talking with the automated assistant again.")


def _name(user: User) -> str:
    return user.get_full_name() or "A member of staff"


def _say(conversation: Conversation, text: str) -> None:
    with transaction.atomic():
        message = Message.objects.create(conversation=conversation, sender=Message.Sender.BOT,
                                         kind="handoff", text=text)
        store.touch(conversation, updated_at=timezone.now())
        queue_staff_text(conversation, message)
        news.tell(conversation.pk)
