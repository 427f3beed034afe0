"""What staff do: acknowledge, settle, clear, take over, reply, hand back; each is on record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from bot.desk.models import Note, Role
from bot.records.models import Alert, AuditRow, Conversation, Message, Outbox, Verdict
from tests.desk.conftest import WORDS, actions

pytestmark = pytest.mark.django_db


def _clear(client: Client, conversation: Conversation, **fields: object) -> str:
    seen = conversation.messages.order_by("-id")[0].pk
    data = {"seen": seen, "reason": "spoke_safe"} | fields
    return client.post(f"/desk/c/{conversation.case}/clear/", data, follow=True).content.decode()


def test_an_alert_is_red_until_acknowledged(enter: Callable[..., Client], crisis: Conversation) -> None:
    client, alert = enter(), Alert.objects.get()
    assert f"ack-{alert.pk}" in client.get(f"/desk/c/{crisis.case}/").content.decode()
    client.post(f"/desk/alerts/{alert.pk}/acknowledge/")
    alert.refresh_from_db()
    assert alert.acknowledged_at is not None
    assert alert.acknowledged_by is not None
    assert alert.acknowledged_by.username == "ana"
    row = AuditRow.objects.get(action="acknowledge")
    assert (row.case, row.detail) == (crisis.case, f"alert {alert.pk} P1")


def test_the_first_to_acknowledge_stays(enter: Callable[..., Client], crisis: Conversation) -> None:
    alert = Alert.objects.get()
    enter("ana").post(f"/desk/alerts/{alert.pk}/acknowledge/")
    enter("ben").post(f"/desk/alerts/{alert.pk}/acknowledge/")
    alert.refresh_from_db()
    assert alert.acknowledged_by is not None
    assert alert.acknowledged_by.username == "ana"
    assert actions().count("acknowledge") == 1


def test_outcome_and_notes_add_up(enter: Callable[..., Client], crisis: Conversation) -> None:
    client, alert = enter(), Alert.objects.get()
    address = f"/desk/alerts/{alert.pk}/outcome/"
    client.post(address, {"outcome": "left_message", "note": "rang twice"})
    client.post(address, {"outcome": "reached", "note": "she is with her brother"})
    client.post(address, {"outcome": "nonsense"})
    alert.refresh_from_db()
    assert alert.outcome == "reached"
    assert "Ana Example: rang twice" in alert.note
    assert "she is with her brother" in alert.note
    assert alert.acknowledged_at is not None
    assert not any("brother" in row.detail for row in AuditRow.objects.all())


def test_clearing_the_block_needs_a_reason_and_keeps_the_tier(enter: Callable[..., Client],
                                                             crisis: Conversation) -> None:
    client = enter()
    assert "block stays" in _clear(client, crisis, reason="")
    assert "block stays" in _clear(client, crisis, reason="other", words="")
    crisis.refresh_from_db()
    assert crisis.locked
    _clear(client, crisis, words="called, is with family")
    crisis.refresh_from_db()
    assert (crisis.locked, crisis.question_open, crisis.tier) == (False, False, "crisis")
    assert "called, is with family" in Note.objects.get().text
    assert AuditRow.objects.get(action="clear").detail == "spoke_safe"


@pytest.mark.parametrize("tier", ["crisis", None])
def test_the_block_stays_when_danger_came_after_the_page_was_opened(
        enter: Callable[..., Client], crisis: Conversation, tier: str | None) -> None:
    client, seen = enter(), crisis.messages.order_by("-id")[0].pk
    newer = Message.objects.create(conversation=crisis, sender="patient", text="goodbye")
    if tier:
        Verdict.objects.create(message=newer, tier=tier, category="suicide", subject="self", language="en",
                               ms=1)
    assert "new message came in" in _clear(client, crisis, seen=seen)
    crisis.refresh_from_db()
    assert crisis.locked
    assert "clear" not in actions()


def test_a_calm_newer_message_does_not_hold_the_clinician_up(enter: Callable[..., Client],
                                                            crisis: Conversation) -> None:
    seen = crisis.messages.order_by("-id")[0].pk
    newer = Message.objects.create(conversation=crisis, sender="patient", text="ok")
    Verdict.objects.create(message=newer, tier="none", category="none", subject="self", language="en", ms=1)
    _clear(enter(), crisis, seen=seen)
    crisis.refresh_from_db()
    assert not crisis.locked


def test_take_over_reply_and_hand_back(enter: Callable[..., Client], crisis: Conversation) -> None:
    client, base = enter(), f"/desk/c/{crisis.case}"
    client.post(f"{base}/take/")
    crisis.refresh_from_db()
    assert crisis.owner is not None
    client.post(f"{base}/reply/", {"text": "Hello, this is Ana. Can I call you?"})
    reply = Message.objects.get(sender="staff")
    assert reply.staff == crisis.owner
    assert Outbox.objects.filter(body=reply.text, to=crisis.phone).count() == 1
    client.post(f"{base}/back/")
    crisis.refresh_from_db()
    assert crisis.owner is None
    assert actions()[1:] == ["take_over", "reply", "hand_back"]
    assert not any("Hello" in row.detail for row in AuditRow.objects.all())


def test_two_people_cannot_answer_over_each_other(enter: Callable[..., Client], crisis: Conversation) -> None:
    ana, ben, base = enter("ana"), enter("ben"), f"/desk/c/{crisis.case}"
    ana.post(f"{base}/take/")
    assert ben.post(f"{base}/take/").status_code == 409
    answer = ben.post(f"{base}/reply/", {"text": "Me too"})
    assert answer.status_code == 409
    assert "Ana Example is answering" in answer.content.decode()
    assert "Me too" in answer.content.decode()  # what was typed is not lost
    assert ben.post(f"{base}/back/").status_code == 409
    assert not Message.objects.filter(sender="staff").exists()
    assert "is answering this conversation" in ben.get(f"{base}/").content.decode()


def test_a_reply_without_taking_over_is_not_sent(enter: Callable[..., Client], calm: Conversation) -> None:
    assert enter().post(f"/desk/c/{calm.case}/reply/", {"text": "hi"}).status_code == 409
    assert not Message.objects.filter(sender="staff").exists()


def test_a_double_press_sends_once_and_nothing_empty_is_sent(enter: Callable[..., Client],
                                                            calm: Conversation) -> None:
    client, base = enter(), f"/desk/c/{calm.case}"
    client.post(f"{base}/take/")
    for text in ("On my way", "On my way", "   ", "x" * 2001):
        client.post(f"{base}/reply/", {"text": text})
    assert Message.objects.filter(sender="staff").count() == 1


def test_the_audit_holds_no_patient_words_after_everything(enter: Callable[..., Client],
                                                          crisis: Conversation) -> None:
    client, base, alert = enter("ana", Role.ADMINISTRATOR), f"/desk/c/{crisis.case}", Alert.objects.get()
    client.get(f"{base}/")
    client.post("/desk/", {"words": WORDS[:14]})
    client.post(f"{base}/reveal/", {"reason": "other", "words": WORDS})
    client.post(f"{base}/note/", {"text": WORDS})
    client.post(f"/desk/alerts/{alert.pk}/outcome/", {"outcome": "reached", "note": WORDS})
    _clear(client, crisis, reason="other", words=WORDS)
    client.post(f"{base}/take/")
    client.post(f"{base}/reply/", {"text": WORDS})
    client.post(f"{base}/export/", {"format": "json", "reason": "other", "words": WORDS})
    done = set(actions())
    assert {"view", "search", "reveal", "note", "outcome", "clear", "take_over", "reply", "export"} <= done
    kept = " ".join(f"{row.action} {row.case} {row.detail}" for row in AuditRow.objects.all())
    for word in ("end it", "want", "0177", "0134"):
        assert word not in kept
