"""What an alert says at a glance: the words, ways to reach the patient, how the urgency went."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bot.desk import facts
from bot.records.models import Alert, ContactRequest, Conversation, Message, Tap, Verdict
from bot.settings import get_settings

pytestmark = pytest.mark.django_db


def read(conversation: Conversation, revealed: bool = False) -> facts.Facts:
    alerts = list(Alert.objects.filter(conversation=conversation).select_related("message"))
    return facts.read_facts(conversation, alerts, revealed, get_settings().clinic)


def said(conversation: Conversation, text: str, tier: str, category: str = "suicide", subject: str = "self") -> None:
    message = Message.objects.create(conversation=conversation, sender="patient", text=text)
    Verdict.objects.create(message=message, tier=tier, category=category, subject=subject, language="en", ms=1)


def test_ways_to_reach_the_patient_are_masked_until_revealed(crisis: Conversation) -> None:
    said(crisis, "or write to ana@mail.example.org, born 03/14/1988, ssn 123-45-6789 000", "none")
    shown = [text for text, link in read(crisis).reach]
    assert shown == ["+1 555 ••• ••34", "+1 555 ••• ••77", "a••••@mail.example.org"]  # no birthday, no SSN
    assert not any(link for _, link in read(crisis).reach)
    links = {link for _, link in read(crisis, revealed=True).reach}
    assert links == {"tel:+15550100134", "tel:+15550100177", "mailto:ana@mail.example.org"}


def test_how_the_urgency_went_and_what_was_done(crisis: Conversation) -> None:
    said(crisis, "it is worse", "crisis")
    said(crisis, "i have the pills here", "emergency")
    said(crisis, "i am 15", "crisis", subject="minor")
    Tap.objects.create(conversation=crisis, line="tel:988")
    Tap.objects.create(conversation=crisis, line="sms:741741")
    asked = ContactRequest.objects.create(conversation=crisis, reason="call_back")
    found = read(crisis)
    assert [tier for _, tier, _ in found.tiers] == ["crisis", "emergency", "crisis"]
    assert found.age == "under 18, as they say"
    assert [line for _, line in found.taps] == ["call 988", "text 741741"]
    assert found.call_back == asked.created_at
    assert len(found.shown) == 1
    assert found.place == ""  # as the clinic
    crisis.phone = "+18085550142"
    assert read(crisis).place == "Pacific/Honolulu"


def test_the_page_says_it_all_and_hides_the_number(enter: Callable[..., Client], crisis: Conversation) -> None:
    html = enter().get(f"/desk/c/{crisis.case}/").content.decode()
    assert "At a glance" in html
    assert "i want to end it all" in html.split("said-words")[1][:200]
    assert "0177" not in html


def test_a_conversation_without_alerts_has_none(enter: Callable[..., Client], calm: Conversation) -> None:
    assert "At a glance" not in enter().get(f"/desk/c/{calm.case}/").content.decode()


def test_old_alerts_keep_their_facts(enter: Callable[..., Client], crisis: Conversation) -> None:
    Alert.objects.update(acknowledged_at=timezone.now() - timedelta(hours=1))
    assert "At a glance" in enter().get(f"/desk/c/{crisis.case}/").content.decode()
