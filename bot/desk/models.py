"""What the desk itself keeps: who may do what, failed sign-ins, and staff's notes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bot.records.fields import EncryptedField
from bot.records.models import Conversation, Message, Tier


class Role(models.TextChoices):
    """What a staff member may do; see `bot.desk.roles`."""

    REVIEWER = "reviewer", _("Reviewer: reads")
    CLINICIAN = "clinician", _("Clinician: reads, answers, clears blocks")
    MANAGER = "manager", _("Manager: reads, answers, sees the audit")
    ADMINISTRATOR = "administrator", _("Administrator: everything, and accounts")


class StaffProfile(models.Model):
    """A staff member's role, and whether the password was only lent for the first sign-in."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.REVIEWER)
    must_change = models.BooleanField(default=True)
    # The identity provider's own name of this person, once they signed in through it.
    sso_subject = models.CharField(max_length=255, unique=True, null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class SecondFactor(models.Model):
    """A staff member's authenticator app (RFC 6238)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor")
    secret = EncryptedField()
    # The half minute whose code was used last: none is good twice.
    last_step = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)


class RecoveryCode(models.Model):
    """A code on paper, good once, for whoever lost the phone; kept as a keyed hash."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)


class Passkey(models.Model):
    """A passkey (WebAuthn): the public half, with what the authenticator counted last."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys")
    credential = models.CharField(max_length=2046, unique=True, help_text="Its id (at most 1,023 bytes), in hex.")
    data = models.BinaryField(help_text="Authenticator's model, id and public key, as WebAuthn packs them.")
    count = models.PositiveBigIntegerField(default=0)
    name = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)


class DeskSession(models.Model):
    """Where somebody is signed in; ending it ends the session itself."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk_sessions")
    key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField(default=timezone.now)
    seen = models.DateTimeField(default=timezone.now)


class SignInTry(models.Model):
    """One failed sign-in; the name is kept as a keyed hash, since people type passwords there by mistake."""

    name_hash = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["at"]),)


class Note(models.Model):
    """What a staff member wrote about a conversation; it may hold patients' words, the audit may not."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        CLEAR = "clear", _("Block cleared")
        REVEAL = "reveal", _("Details revealed")
        EXPORT = "export", _("Exported")
        HOLD = "hold", _("Legal hold")
        ERASE = "erase", _("Erased")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.NOTE)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)


class Label(models.Model):
    """A word that staff put on a conversation, to find it again."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=30, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["conversation", "name"], name="a_label_once"),)


class SavedFilter(models.Model):
    """A view of the queue that somebody comes back to; searched words are never part of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["user", "name"], name="a_saved_filter_once"),)


class Review(models.Model):
    """One person's judgement of one message; two who agree make a correction."""

    class Mark(models.TextChoices):
        MISSED = "missed_danger", _("Missed danger")
        FALSE_ALARM = "false_alarm", _("False alarm")
        WRONG = "wrong_answer", _("Wrong answer")
        SHOULD_ANSWER = "should_have_answered", _("Should have answered")
        GOOD = "good", _("Good")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    mark = models.CharField(max_length=24, choices=Mark.choices)
    # What it should have been; empty where the mark does not ask for it.
    tier = models.CharField(max_length=10, choices=Tier.choices, blank=True)
    category = models.CharField(max_length=20, blank=True)
    topic = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["message", "reviewer"], name="one_review_each"),)

    @property
    def opinion(self) -> tuple[str, str, str, str]:
        """Return what two reviewers must share to agree."""
        return (self.mark, self.tier, self.category, self.topic)


class Certificate(models.Model):
    """What was erased at a person's wish, what was kept and why; it outlives the conversation."""

    case = models.CharField(max_length=8, db_index=True)
    at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    body = models.JSONField(default=dict)


class QuestionGroup(models.Model):
    """Questions of one meaning that the articles did not answer; made anew each night."""

    examples = models.JSONField(default=list, help_text="A few of them, personal details masked.")
    count = models.PositiveIntegerField()
    messages = models.JSONField(default=list, help_text="The assistant's replies to the newest of them.")
    last_at = models.DateTimeField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-count", "-last_at")
