"""Everything that is kept. Times are in UTC."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from bot.records.fields import EncryptedField
from bot.records.signs import Tap, Typing  # noqa: F401 # one app, one models module
from bot.records.visits import (  # noqa: F401 # one app, one models module
    Appointment,
    Block,
    CalendarState,
    Claim,
    ContactRequest,
    ExternalBusy,
    Offered,
    Reminder,
    WaitingPatient,
)

# Letters and digits that nobody confuses when reading a case number over the phone.
CASE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_case() -> str:
    """Return a fresh case number such as 8F3K2P."""
    return "".join(secrets.choice(CASE_ALPHABET) for _ in range(6))


class Channel(models.TextChoices):
    WEB = "web"
    SMS = "sms"
    TERMINAL = "terminal"


class Tier(models.TextChoices):
    """The screen's verdicts, least urgent first."""

    NONE = "none"
    INFO = "info"
    CHECK_IN = "check_in"
    CRISIS = "crisis"
    EMERGENCY = "emergency"


class Conversation(models.Model):
    """One patient's chat on one channel."""

    case = models.CharField(max_length=8, unique=True, default=new_case)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    # The patient's phone on SMS. Null on the web, where nobody is asked who they are.
    phone = EncryptedField(null=True, blank=True, db_index=True)
    language = models.CharField(max_length=5, default="en")
    # The most urgent verdict so far; it never falls by itself.
    tier = models.CharField(max_length=10, choices=Tier.choices, default=Tier.NONE)
    category = models.CharField(max_length=20, default="none")
    subject = models.CharField(max_length=10, default="self")
    locked = models.BooleanField(default=False, help_text="No ketamine answers or booking until staff clear it.")
    question_open = models.BooleanField(default=False, help_text="The direct question was asked and not answered.")
    crisis_turns = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL,
                              related_name="conversations", help_text="The staff member who took over.")
    waiting = models.BooleanField(default=False, help_text="The patient waits for a person.")
    ketamine_answered = models.BooleanField(default=False, help_text="The approval caveat was given once.")
    time_zone = models.CharField(max_length=40, blank=True, help_text="The patient's own, where it is known.")
    noticed_at = models.DateTimeField(null=True, blank=True, help_text="When the notices were last given.")
    # While a message of this conversation is with Rasa, the next one waits (see gateway).
    busy_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    updated_at = models.DateTimeField(default=timezone.now, db_index=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True, help_text="Legal hold: nothing of it is erased or purged.")

    def __str__(self) -> str:
        return self.case


class Message(models.Model):
    """One message, in or out, as it was received or sent."""

    class Sender(models.TextChoices):
        PATIENT = "patient"
        BOT = "bot"
        STAFF = "staff"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    sender = models.CharField(max_length=8, choices=Sender.choices)
    # What makes an inbound message unique: the web client's id or Twilio's MessageSid, with its channel.
    dedup = models.CharField(max_length=120, unique=True, null=True, blank=True)
    client_id = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    # choices, sources, resources, caveats, topic: what the patient saw beside the text.
    extra = models.JSONField(default=dict, blank=True)
    answers = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    # Inbound only: when its replies were on record, and whether Rasa's dialogue knows of it.
    answered_at = models.DateTimeField(null=True, blank=True)
    told_rasa = models.BooleanField(default=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "id"]),
            models.Index(fields=["conversation"], name="message_unanswered",
                         condition=models.Q(sender="patient", answered_at=None)),
            models.Index(fields=["conversation", "kind"], name="message_kind", condition=models.Q(sender="bot")),
            models.Index(fields=["staff", "conversation"], name="message_staff",
                         condition=models.Q(staff__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.sender} {self.pk}"


class Verdict(models.Model):
    """What the screen read in an inbound message, with its reasons."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="verdict")
    tier = models.CharField(max_length=10, choices=Tier.choices)
    category = models.CharField(max_length=20)
    subject = models.CharField(max_length=10)
    language = models.CharField(max_length=5)
    reasons = models.JSONField(default=list)
    ms = models.FloatField()


class Alert(models.Model):
    """Something that a person must look at. Red until acknowledged."""

    class Priority(models.TextChoices):
        P1 = "P1"
        P2 = "P2"
        P3 = "P3"

    class Outcome(models.TextChoices):
        REACHED = "reached", "Reached"
        LEFT_MESSAGE = "left_message", "Left message"
        WELFARE_CHECK = "welfare_check", "Welfare check asked"
        HANDED_TO_911 = "handed_to_911", "Handed to 911"
        NO_CONTACT = "no_contact", "No contact information"
        FALSE_ALARM = "false_alarm", "False alarm"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="alerts")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL)
    priority = models.CharField(max_length=2, choices=Priority.choices)
    reason = models.CharField(max_length=40, help_text="tier.category, assistant_down, person_asked …")
    created_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    note = models.TextField(blank=True)
    sent_count = models.PositiveIntegerField(default=0)
    # Who is to see to it, as agreed at the desk.
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL,
                                    related_name="assigned_alerts")

    class Meta:
        indexes = [
            models.Index(fields=["acknowledged_at", "priority", "created_at"]),
            # Without it SQLite looks through every open alert of the clinic for the one of a conversation.
            models.Index(fields=["conversation", "reason", "acknowledged_at"]),
        ]


class Outbox(models.Model):
    """Something to be sent, written in the transaction that caused it."""

    class Kind(models.TextChoices):
        SMS = "sms"
        EMAIL = "email"
        WEBHOOK = "webhook"

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    to = EncryptedField()
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    attachment = models.TextField(blank=True, help_text="An iCalendar file that goes with an e-mail.")
    # The same thing is never queued twice: one row a key.
    key = models.CharField(max_length=120, unique=True)
    conversation = models.ForeignKey(Conversation, null=True, blank=True, on_delete=models.CASCADE)
    alert = models.ForeignKey(Alert, null=True, blank=True, on_delete=models.CASCADE)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)
    provider_id = models.CharField(max_length=64, blank=True, db_index=True)
    # The message whose text this is; None for what is no part of a conversation.
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="texts")
    # Sent without being asked: keeps to quiet hours and opt-outs, and never names the treatment.
    clinic_started = models.BooleanField(default=False)
    # It may have gone out already (a worker died, an answer was lost): look at the provider before sending.
    unsure = models.BooleanField(default=False)
    # What the carrier said last; it only moves forward (queued, sending, sent, delivered …).
    carrier_status = models.CharField(max_length=12, blank=True)
    error_code = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "not_before"])]


class PhoneConsent(models.Model):
    """One change of whether a phone wants texts; the newest row counts."""

    phone = EncryptedField(db_index=True)
    consents = models.BooleanField()
    source = models.CharField(max_length=40, help_text="first_text, stop_keyword, free_words, start_keyword, carrier")
    wording_version = models.CharField(max_length=40, help_text="Which text the patient had before them.")
    at = models.DateTimeField(default=timezone.now)


class Heartbeat(models.Model):
    """When a background process was last seen."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()


class AppendOnly(models.QuerySet):  # type: ignore[type-arg]
    """Rows that are added and read, and nothing else."""

    def update(self, **kwargs: object) -> int:
        raise TypeError("audit rows are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("audit rows are never deleted")


class AuditRow(models.Model):
    """Who saw or did what at the desk, and from where. Rows are only ever added."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    action = models.CharField(max_length=40)
    case = models.CharField(max_length=8, blank=True, db_index=True)
    detail = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = AppendOnly.as_manager()

    def save(self, *args: object, **kwargs: object) -> None:
        if self.pk is not None:
            raise TypeError("audit rows are never changed")
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise TypeError("audit rows are never deleted")
