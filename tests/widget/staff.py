"""A member of staff answers in a chat: `python -m tests.widget.staff TOKEN TEXT`, with the service's environment."""

from __future__ import annotations

import subprocess
import sys

from tests.tools import ROOT, Service


def staff_says(service: Service, token: str, text: str) -> None:
    """Take a chat over and answer in it, by the functions that the desk uses."""
    subprocess.run([sys.executable, "-m", "tests.widget.staff", token, text], cwd=ROOT, env=service.environment,
                   check=True, capture_output=True)


def main(token: str, text: str) -> None:
    """Find the chat that the token speaks for, take it over and answer."""
    from bot.commands._django import setup

    setup(database=True)
    from django.contrib.auth import get_user_model

    from bot.channels import staff, tokens
    from bot.records.models import Conversation

    user, _ = get_user_model().objects.get_or_create(
        username="lee", defaults={"first_name": "Dana", "last_name": "Lee"})
    conversation = Conversation.objects.get(pk=tokens.conversation_id(token))
    staff.take_over(conversation, user)
    staff.send_staff_reply(conversation, user, text)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
