"""Staff of each role, and conversations to look at."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from bot.desk import accounts, drafts
from bot.desk.models import Role, SecondFactor, StaffProfile
from bot.records.models import Alert, AuditRow, Conversation, Message, Verdict

PASSWORD = "four unrelated words here"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WORDS = "i want to end it all, call me at 555-010-0177"


@pytest.fixture(autouse=True)
def _only_the_desk(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.desk.urls"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 is slow by design


@pytest.fixture(autouse=True)
def _content_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of all content takes long and has its own tests."""
    monkeypatch.setattr(drafts, "_kept", drafts.Content((), known=True))
    monkeypatch.setattr(drafts, "_due", time.monotonic() + 3600)


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """Return a function that makes a staff member with a settled password."""

    def make(name: str, role: str = Role.CLINICIAN) -> Any:
        user, _ = accounts.invite(name, f"{name.title()} Example", role)
        user.set_password(PASSWORD)
        user.save()
        StaffProfile.objects.filter(user=user).update(must_change=False)
        SecondFactor.objects.create(user=user, secret=SECRET)
        return user

    return make


@pytest.fixture
def enter(person: Callable[..., Any]) -> Callable[..., Client]:
    """Return a function that signs somebody in through the front door."""

    def sign_in(name: str = "ana", role: str = Role.CLINICIAN) -> Client:
        if not get_user_model().objects.filter(username=name).exists():
            person(name, role)
        client = Client(REMOTE_ADDR="203.0.113.9")
        answer = client.post("/desk/login/", {"name": name, "password": PASSWORD})
        assert answer["Location"] == "/desk/code/", answer.content
        answer = client.post("/desk/code/", {"code": fresh_code()})
        assert answer.status_code == 302, answer.content
        return client

    return sign_in


def fresh_code() -> str:
    """Return the code that the app shows now, which counts as not used yet."""
    SecondFactor.objects.update(last_step=0)
    return pyotp.TOTP(SECRET).now()


@pytest.fixture
def crisis(db: None) -> Conversation:
    """Return a locked conversation with an open P1 alert."""
    conversation = Conversation.objects.create(
        channel="sms", phone="+15550100134", tier="crisis", category="suicide", locked=True,
        question_open=True)
    said = Message.objects.create(conversation=conversation, sender="patient", text=WORDS)
    Verdict.objects.create(
        message=said, tier="crisis", category="suicide", subject="self", language="en", ms=0.7,
        reasons=[{"by": "lexicon", "rule": "suicide.active.end_it", "span": [2, 20], "score": 1.0}])
    Message.objects.create(
        conversation=conversation, sender="bot", kind="crisis", answers=said,
        text="Call or text 988. The clinic is at 555-010-9999. You wrote 555-010-0177.",
        extra={"resources": [{"label": "Call 988", "href": "tel:988"}],
               "choices": [{"label": "Talk to a person", "send": "/talk"}]})
    Alert.objects.create(conversation=conversation, message=said, priority="P1", reason="crisis.suicide")
    return conversation


@pytest.fixture
def calm(db: None) -> Conversation:
    """Return an ordinary web conversation."""
    conversation = Conversation.objects.create(channel="web")
    Message.objects.create(conversation=conversation, sender="patient", text="how long is a session <b>?")
    return conversation


def actions() -> list[str]:
    """Return what the audit says was done, oldest first."""
    return list(AuditRow.objects.order_by("id").values_list("action", flat=True))
