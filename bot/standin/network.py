"""What lies between a phone and the clinic's webhook: opt-outs, delivery, callbacks, and things going wrong."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from xml.etree import ElementTree

import aiohttp
from twilio.request_validator import RequestValidator

from bot.standin.errors import OPTED_OUT, REFUSED_NUMBERS, UNDELIVERED_NUMBERS
from bot.standin.texts import Text, Texts

STOP = frozenset("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split())
START = frozenset("START YES UNSTOP".split())
HELP = frozenset("HELP INFO".split())
SPANISH = {"ALTO": "STOP", "PARAR": "STOP", "AYUDA": "HELP"}
DEFAULT_REPLIES = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number. "
            "Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP "
             "to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply."}
WEBHOOK_SECONDS = 15.0


@dataclass
class Faults:
    """How often things go wrong, as shares of one."""

    api: float = 0.0     # a REST call fails, with or without having sent the text
    answer: float = 0.0  # the answer of a webhook is lost on its way back


@dataclass
class Account:
    """What is set in Twilio's console."""

    sid: str
    token: str
    number: str
    inbound_url: str
    fallback_url: str | None = None
    service: str | None = None
    advanced: dict[str, str] = field(default_factory=dict)  # texts of Advanced Opt-Out; empty: not switched on


class Network:
    """Carries texts both ways."""

    def __init__(self, account: Account, delay: float = 0.05, seed: int | None = None) -> None:
        self.account, self.delay, self.faults = account, delay, Faults()
        self.texts, self.blocked = Texts(), set[str]()
        self.problems: list[str] = []  # what Twilio's debugger would list
        self.held: dict[str, int] = {}  # how many texts did not go to a phone that opted out
        self.random = random.Random(seed)
        self._signer = RequestValidator(account.token)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # -- from a phone to the clinic ----------------------------------------------------------

    async def text_in(self, phone: str, body: str, media: int = 0, sid: str | None = None,
                      keep_answer: bool = True) -> int:
        """Bring a phone's text to the webhook and its answer to the phone; returns the webhook's status, 0 for none.

        With `keep_answer` false the answer is lost, as when a line breaks.
        """
        text = Text(self.account.sid, phone, self.account.number, body, "inbound", "received")
        if sid:
            text.sid = sid
        if text.sid not in self.texts.by_sid:
            self.texts.show(self.texts.add(text))
        word = self._keyword(phone, body)
        if word:
            self._obey(phone, word)
        form = self._form(text, media, word if self.account.advanced else None)
        keep_answer = keep_answer and self.random.random() >= self.faults.answer
        status, answer = await self._post(self.account.inbound_url, form)
        if not keep_answer:
            return 0
        if status != 200 and self.account.fallback_url:
            self.problems.append(f"11200 status {status}")
            _, answer = await self._post(self.account.fallback_url, form)
        for reply, callback in _read_twiml(answer if status == 200 or self.account.fallback_url else ""):
            self._send(Text(self.account.sid, self.account.number, phone, reply, "outbound-reply", "queued",
                            callback, self.account.service))
        return status

    def _keyword(self, phone: str, body: str) -> str | None:
        word = body.strip().upper()
        if word in STOP:
            return "STOP"
        if word in HELP:
            return "HELP"
        if word in START and (word != "YES" or phone in self.blocked):
            return "START"
        return SPANISH.get(word) if self.account.advanced else None

    def _obey(self, phone: str, word: str) -> None:
        reply = {**DEFAULT_REPLIES, **self.account.advanced}[word]
        if word == "START":
            self.blocked.discard(phone)
        if phone not in self.blocked:
            notice = Text(self.account.sid, self.account.number, phone, reply, "outbound-reply", "delivered")
            self.texts.show(self.texts.add(notice))
        if word == "STOP":
            self.blocked.add(phone)

    def _form(self, text: Text, media: int, opt_out: str | None) -> dict[str, str]:
        form = {"ToCountry": "US", "ToState": "", "SmsMessageSid": text.sid, "NumMedia": str(media), "ToCity": "",
                "FromZip": "", "SmsSid": text.sid, "FromState": "", "SmsStatus": "received", "FromCity": "",
                "Body": text.body, "FromCountry": "US", "To": text.to, "ToZip": "", "NumSegments": "1",
                "MessageSid": text.sid, "AccountSid": text.account, "From": text.sender, "ApiVersion": "2010-04-01"}
        if self.account.service:
            form["MessagingServiceSid"] = self.account.service
        if opt_out:
            form["OptOutType"] = opt_out
        for number in range(media):
            form |= {f"MediaUrl{number}": f"{self.account.inbound_url}/media/{number}",
                     f"MediaContentType{number}": "image/jpeg"}
        return form

    # -- from the clinic to a phone ----------------------------------------------------------

    def send(self, text: Text) -> Text:
        """Take a text of the REST API; raises the `Refusal` of its number."""
        if text.to in REFUSED_NUMBERS:
            raise REFUSED_NUMBERS[text.to]
        if text.to in self.blocked:
            raise OPTED_OUT
        return self._send(text)

    def _send(self, text: Text) -> Text:
        if text.to in self.blocked:
            self.problems.append("21610")
            self.held[text.to] = self.held.get(text.to, 0) + 1
            return text
        self.texts.add(text)
        task = asyncio.create_task(self._deliver(text))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return text

    async def _deliver(self, text: Text) -> None:
        error = UNDELIVERED_NUMBERS.get(text.to)
        self.texts.show(text) if error is None else None
        for status in ("sent", "undelivered" if error else "delivered"):
            await asyncio.sleep(self.delay)
            text.status = status
            text.error = error if status == "undelivered" else None
            self.texts.show(text) if error is None else None
            if text.callback:
                await self._post(text.callback, self._status_form(text))

    def _status_form(self, text: Text) -> dict[str, str]:
        form = {"SmsSid": text.sid, "SmsStatus": text.status, "MessageStatus": text.status, "To": text.to,
                "MessageSid": text.sid, "AccountSid": text.account, "From": text.sender, "ApiVersion": "2010-04-01"}
        if text.service:
            form["MessagingServiceSid"] = text.service
        return {**form, "ErrorCode": str(text.error)} if text.error else form

    async def _post(self, url: str, form: dict[str, str]) -> tuple[int, str]:
        """Post a signed form and return status and body; 0 when there is no answer in time.

        As Twilio does, it tries once more when no connection comes about.
        """
        if self._session is None:
            # Connections are let go of before a server ends them (uvicorn after 5 s): one used at that moment is lost.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=2))
        headers = {"X-Twilio-Signature": self._signer.compute_signature(url, form), "User-Agent": "TwilioProxy/1.1"}
        for again in (True, False):
            try:
                async with self._session.post(url, data=form, headers=headers,
                                              timeout=aiohttp.ClientTimeout(total=WEBHOOK_SECONDS)) as response:
                    return response.status, await response.text()
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if again and isinstance(error, aiohttp.ClientConnectionError) and not isinstance(error, TimeoutError):
                    continue
                self.problems.append(f"11200 {type(error).__name__}")
                break
        return 0, ""

    async def close(self) -> None:
        """Drop what is under way."""
        for task in list(self._tasks):
            task.cancel()
        if self._session is not None:
            await self._session.close()


def _read_twiml(answer: str) -> list[tuple[str, str | None]]:
    """Return the texts of a TwiML answer, each with its callback; none for what is no TwiML (Twilio's error 12100)."""
    try:
        root = ElementTree.fromstring(answer)
    except ElementTree.ParseError:
        return []
    found = []
    for node in root.iter("Message"):
        body = node.findtext("Body") or node.text or ""
        if body.strip():
            found.append((body, node.get("statusCallback")))
    return found
