"""What did not arrive stands beside the conversation, in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from bot.records import deliveries, store, texts
from bot.records.models import Message
from bot.settings import get_settings

pytestmark = pytest.mark.django_db


def test_a_text_that_did_not_arrive_is_explained(enter: Callable[..., Client]) -> None:
    chat = store.open_conversation("sms", phone="+12125550142")
    message = Message.objects.create(conversation=chat, sender="bot", kind="answer", text="An answer.")
    row = texts.queue_replies(chat, [message])[0]
    deliveries.note_status(get_settings().clinic, row.pk, "SM1", "undelivered", 30006)
    page = enter().get(reverse("desk:conversation", args=[chat.case])).content.decode()
    assert "This is a landline" in page and "+12125550142" not in page
