"""Texts through Twilio's REST API, or through what stands in for it on this machine."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bot.records.models import Outbox
from bot.records.phones import e164
from bot.settings import Environment, Settings

TIMEOUT = 10.0  # seconds for one call
STANDIN_ACCOUNT = "AC" + "0" * 32
CLOCKS_DIFFER = timedelta(seconds=90)
PAGE = 200  # texts that Twilio lists at once
# Texts of which Twilio says so are as good as sent; the rest of its words come by callback.
_GONE = ("failed", "undelivered", "canceled")


class CarrierRefused(Exception):
    """Twilio said no, so nothing was sent. `code` is Twilio's; `status` is HTTP's."""

    def __init__(self, code: int | None, status: int) -> None:
        super().__init__(f"carrier {code or status}")
        self.code, self.status = code, status


class CarrierSilent(Exception):
    """No answer, or none that can be relied on: the text may have been sent."""


class Carrier:
    """Sends texts, and looks for those that may have been sent."""

    def __init__(self, settings: Settings) -> None:
        self._env = env = settings.env
        self._country = settings.clinic.country
        self._client: Client | None = None
        if env.twilio_account_sid or env.uses_standin:
            self._client = Client(env.twilio_account_sid or STANDIN_ACCOUNT, env.twilio_auth_token,
                                  http_client=TwilioHttpClient(timeout=TIMEOUT))
            if env.uses_standin:
                self._client.api.base_url = env.standin_url

    @property
    def ready(self) -> bool:
        """Whether there is an account to send with."""
        return self._client is not None

    def send(self, row: Outbox) -> str:
        """Return the SID of the text; raises `CarrierRefused` or `CarrierSilent`."""
        service = self._env.twilio_messaging_service_sid
        sender = {"messaging_service_sid": service} if service else {"from_": self._env.sms_number}
        try:
            sent = self._api.messages.create(to=e164(row.to, self._country), body=row.body,
                                             status_callback=callback_url(self._env, row.pk), **sender)
        except TwilioRestException as error:
            if error.status >= 500:
                raise CarrierSilent(f"status {error.status}") from None
            raise CarrierRefused(error.code, error.status) from None
        except (TwilioException, requests.RequestException) as error:
            # Its text holds the address with the number in it.
            raise CarrierSilent(type(error).__name__) from None
        return str(sent.sid)

    def find(self, row: Outbox) -> str | None:
        """Return the SID of a text that went out for this row, or None; raises `CarrierSilent`.

        Rows with the same words to the same phone share what is found, the oldest row first.
        """
        since = row.created_at - CLOCKS_DIFFER
        sids = [text.sid for text in reversed(self._texts_to(row.to, since))
                if _same(text.body, row.body) and text.direction != "inbound" and text.status not in _GONE]
        taken = set(Outbox.objects.filter(provider_id__in=sids).values_list("provider_id", flat=True))
        free = [sid for sid in sids if sid not in taken]
        before = Outbox.objects.filter(
            to=row.to, body=row.body, provider_id="", unsure=True, pk__lt=row.pk, created_at__gte=since).count()
        return free[before] if before < len(free) else None

    def _texts_to(self, phone: str, since: datetime) -> list[Any]:
        """Return the texts to a phone since a moment, newest first, however many went there."""
        # Twilio's list takes the number in the address. Nobody between us and Twilio reads it, and the loggers that
        # would write it down are silenced in the site's settings.
        try:
            newest_first = self._api.messages.stream(to=e164(phone, self._country), page_size=PAGE)
            return list(takewhile(lambda text: text.date_created is None or text.date_created >= since, newest_first))
        except (TwilioException, requests.RequestException) as error:
            raise CarrierSilent(type(error).__name__) from None

    @property
    def _api(self) -> Client:
        if self._client is None:
            raise CarrierSilent("no account")
        return self._client


def callback_url(env: Environment, row_id: int) -> str:
    """Return where Twilio reports on a text; the row in it finds texts that no call of ours returned."""
    return f"{env.public_url}/sms/status?row={row_id}"


def _same(one: str | None, other: str) -> bool:
    """Return whether two texts are the same; carriers trim them and change line ends."""
    return re.sub(r"\s+", " ", one or "").strip() == re.sub(r"\s+", " ", other).strip()
