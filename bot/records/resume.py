"""Messages that a web process took and died over: another one is asked to screen and answer them."""

from __future__ import annotations

import time
from datetime import timedelta

import requests
from django.utils import timezone

from bot.records.models import Message
from bot.settings import Environment

# Longer than an answer can take: whoever has it has gone.
LEFT_AFTER = timedelta(seconds=20)
TOO_OLD = timedelta(hours=1)
ASK_AGAIN = 60.0  # seconds


class Resumer:
    """Asks this machine's web processes; where there is none, staff have been told of the message anyway."""

    def __init__(self, env: Environment) -> None:
        self._urls = [f"http://127.0.0.1:{env.port + number}/sms/resume" for number in range(env.processes.web)]
        self._token = env.internal_token
        self._asked: dict[int, float] = {}

    def look(self) -> int:
        """Ask for each message that was left without an answer, and return how many were asked for."""
        now = timezone.now()
        left = Message.objects.filter(
            sender=Message.Sender.PATIENT, answered_at=None, at__lt=now - LEFT_AFTER, at__gt=now - TOO_OLD,
            conversation__channel__in=("sms", "web"), conversation__owner=None, conversation__erased_at=None)
        asked = 0
        for key, extra in left.order_by("id").values_list("id", "extra")[:20]:
            if time.monotonic() - self._asked.get(key, -ASK_AGAIN) < ASK_AGAIN:
                continue
            if not self._ask(key, str(extra.get("request", ""))):
                break
            self._asked[key] = time.monotonic()
            asked += 1
        if len(self._asked) > 1000:
            self._asked.clear()
        return asked

    def _ask(self, key: int, request: str) -> bool:
        for url in self._urls:
            try:
                answer = requests.post(url, json={"message": key}, timeout=3, headers={
                    "X-Internal-Token": self._token, "X-Request-ID": request})
            except requests.RequestException:
                continue
            return answer.status_code == 202
        return False
