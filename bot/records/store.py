"""The few functions that write conversations and messages. Each is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from bot.records import news, rows
from bot.records.models import Conversation, Message, Verdict

Sender = Message.Sender
IDLE = timedelta(days=7)
CLOCKS_DIFFER = timedelta(seconds=60)  # between machines; more than that is a clock that jumped


@dataclass(frozen=True)
class Reply:
    """A message to the patient that is not on record yet."""

    kind: str
    text: str
    extra: dict[str, Any] = field(default_factory=dict)


def open_conversation(channel: str, phone: str | None = None, language: str = "en") -> Conversation:
    """Return a new conversation."""
    return Conversation.objects.create(channel=channel, phone=phone, language=language)


def conversation_of_phone(phone: str) -> Conversation:
    """Return the phone's running SMS conversation, or a new one."""
    with transaction.atomic():
        _one_at_a_time(f"sms:{phone}")
        return running_conversation(phone) or open_conversation("sms", phone=phone)


def running_conversation(phone: str) -> Conversation | None:
    """Return the phone's SMS conversation unless it ended with a week of silence.

    A conversation that staff have not cleared stays the same one, however long it rests.
    """
    latest = Conversation.objects.filter(phone=phone, channel="sms", erased_at=None).order_by("-id").first()
    going_on = latest and (latest.locked or latest.owner_id or latest.updated_at > timezone.now() - IDLE)
    return latest if going_on else None


def phone_in_crisis(phone: str) -> bool:
    """Return whether the phone's conversation is about danger: not cleared, or with the direct question open."""
    running = running_conversation(phone)
    return running is not None and (running.locked or running.question_open)


def _one_at_a_time(name: str) -> None:
    """Let no other transaction pass here with the same name until this one ends; on SQLite there is but one anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def record_inbound(conversation: Conversation, dedup: str, client_id: str, text: str,
                   extra: dict[str, Any] | None = None) -> tuple[Message, bool]:
    """Return the patient's message on record and whether it is new; the same `dedup` is kept once."""
    try:
        message = Message(conversation=conversation, sender=Sender.PATIENT, dedup=dedup, client_id=client_id,
                          text=text, extra=extra or {}, told_rasa=False)
        with transaction.atomic():
            rows.insert(message)
        return message, True
    except IntegrityError:
        return Message.objects.get(dedup=dedup), False


def earlier_texts(message: Message, count: int = 2) -> list[str]:
    """Return the patient's previous texts of the last half hour, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text FROM records_message WHERE conversation_id = %s AND sender = %s AND id < %s AND at > %s "
            "ORDER BY id DESC LIMIT %s",
            [message.conversation_id, Sender.PATIENT.value, message.pk,
             connection.ops.adapt_datetimefield_value(message.at - timedelta(minutes=30)), count])
        return [text for (text,) in reversed(cursor.fetchall())]


def record_verdict(message: Message, verdict: dict[str, Any]) -> None:
    """Keep what the screen read in a message; a second reading of the same message changes nothing."""
    rows.insert_once(Verdict(message=message, **{
        key: verdict[key] for key in ("tier", "category", "subject", "language", "reasons", "ms")}))


def record_replies(message: Message | None, conversation: Conversation, replies: Sequence[Reply],
                   told_rasa: bool = True) -> list[Message]:
    """Write replies and mark the message they answer as answered; returns them in order."""
    now = timezone.now()
    written = [Message(conversation=conversation, sender=Sender.BOT, kind=reply.kind, text=reply.text,
                       extra=reply.extra, answers=message, at=now) for reply in replies]
    with transaction.atomic(savepoint=False):
        for row in written:
            rows.insert(row)
        if message is not None:
            message.answered_at, message.told_rasa = now, told_rasa
            rows.update(message, "answered_at", "told_rasa")
        news.tell(conversation.pk)
    return written


def add_reply(message: Message, reply: Reply) -> Message:
    """Write one more reply to a message that was answered, and return it."""
    written = Message(conversation=message.conversation, sender=Sender.BOT, kind=reply.kind, text=reply.text,
                      extra=reply.extra, answers=message)
    rows.insert(written)
    news.tell(message.conversation_id)
    return written


def is_screened(message: Message) -> bool:
    """Return whether a message's verdict is on record; a fixed answer is written together with it."""
    return Verdict.objects.filter(message=message).exists()


def is_answered(message: Message) -> bool:
    """Return whether a message has been answered by now, whatever this copy of it says."""
    return rows.load(message) and message.answered_at is not None


def answered(dedup: str) -> Message | None:
    """Return the patient's message of this `dedup` when its answer is on record."""
    return Message.objects.filter(dedup=dedup, answered_at__isnull=False).first()


def replies_to(message: Message) -> list[Message]:
    """Return the replies on record to an inbound message, oldest first."""
    return list(message.replies.order_by("id"))


def messages_after(conversation: Conversation, after: int, limit: int = 200) -> list[Message]:
    """Return the messages of a conversation with an id above `after`, oldest first."""
    return list(Message.objects.filter(conversation=conversation, id__gt=after)
                .select_related("staff").order_by("id")[:limit])


def try_lease(conversation_id: int, message_id: int, until: datetime, since: datetime | None = None) -> bool:
    """Take the conversation's turn with Rasa if it is free and no older message waits for it.

    One message of a conversation is with Rasa at a time, over any number of processes: two
    Rasa workers were seen to lose messages that came at once. What was left by a process that died
    before `since` holds nobody up, nor does a lease that only a clock since set back can have given.
    """
    now = timezone.now()
    at = connection.ops.adapt_datetimefield_value
    oldest = max(now - timedelta(seconds=30), since or now - timedelta(seconds=30))
    ended = max(now, since + (until - now)) if since else now
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE records_conversation SET busy_until = %s WHERE id = %s "
            "AND (busy_until IS NULL OR busy_until < %s OR busy_until > %s) "
            "AND NOT EXISTS (SELECT 1 FROM records_message WHERE conversation_id = %s AND sender = %s "
            "AND answered_at IS NULL AND id < %s AND at > %s AND at < %s)",
            [at(until), conversation_id, at(ended), at(until + CLOCKS_DIFFER), conversation_id, Sender.PATIENT.value,
             message_id, at(oldest), at(now + CLOCKS_DIFFER)])
        return cursor.rowcount == 1


def untold(conversation_id: int, before: int) -> list[Message]:
    """Return answered messages that Rasa's dialogue has not heard of yet, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM records_message WHERE conversation_id = %s AND sender = %s AND told_rasa = %s AND id < %s "
            "AND answered_at IS NOT NULL", [conversation_id, Sender.PATIENT.value, False, before])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Message.objects.filter(pk__in=ids).select_related("verdict").order_by("id")) if ids else []


def mark_told(messages: Iterable[Message]) -> None:
    """Note that Rasa's dialogue has heard of these messages."""
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(told_rasa=True)


def touch(conversation: Conversation, **changes: Any) -> None:
    """Change fields of a conversation and the time of its last change."""
    changes["updated_at"] = timezone.now()
    for name, value in changes.items():
        setattr(conversation, name, value)
    rows.update(conversation, *changes)
