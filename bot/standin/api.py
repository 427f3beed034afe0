"""The server: Twilio's REST API under /2010-04-01, and the phones under /phone."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.standin.errors import (
    AUTHENTICATE,
    BROKEN,
    INVALID_TO,
    NO_BODY,
    NO_FROM,
    NO_TO,
    NOT_FOUND,
    NOT_OURS,
    TOO_LONG,
    TOO_MANY,
    Refusal,
)
from bot.standin.network import Faults, Network
from bot.standin.texts import Text

NETWORK = web.AppKey("network", Network)
PAGE = 50
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build(network: Network) -> web.Application:
    """Return the server's application."""
    app = web.Application(middlewares=[_answer_refusals])
    app[NETWORK] = network
    base = "/2010-04-01/Accounts/{account}"
    app.add_routes([
        web.post(base + "/Messages.json", create), web.get(base + "/Messages.json", list_texts),
        web.get(base + "/Messages/{sid}.json", fetch), web.post("/phone/text", text_in),
        web.post("/phone/texts", texts_of), web.post("/console", console), web.get("/ready", ready)])
    app.on_cleanup.append(lambda app: app[NETWORK].close())
    return app


@web.middleware
async def _answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        if request.path.startswith("/2010-04-01/"):
            _authenticate(request)
        return await handler(request)
    except Refusal as refusal:
        headers = {"Retry-After": "1"} if refusal is TOO_MANY else None
        return web.json_response(refusal.as_json(), status=refusal.status, headers=headers)


def _authenticate(request: web.Request) -> None:
    account = request.app[NETWORK].account
    expected = "Basic " + base64.b64encode(f"{account.sid}:{account.token}".encode()).decode()
    if not hmac.compare_digest(request.headers.get("Authorization", ""), expected):
        raise AUTHENTICATE
    if request.match_info.get("account") != account.sid:
        raise NOT_FOUND


async def create(request: web.Request) -> web.Response:
    """Send a text, unless it is refused or one of the network's faults comes between."""
    network, form = request.app[NETWORK], await request.post()
    fault = network.random.choice(("busy", "broken", "sent_broken", "sent_silent")) \
        if network.random.random() < network.faults.api else ""
    if fault == "busy":
        raise TOO_MANY
    if fault == "broken":
        raise BROKEN
    text = network.send(_text(network, {name: str(value) for name, value in form.items()}))
    if fault == "sent_broken":
        raise BROKEN
    if fault == "sent_silent" and request.transport is not None:
        request.transport.close()
    return web.json_response(text.as_json(), status=201)


def _text(network: Network, form: dict[str, str]) -> Text:
    account = network.account
    to, sender, service = form.get("To", ""), form.get("From", ""), form.get("MessagingServiceSid")
    if not to:
        raise NO_TO
    if not sender and not service:
        raise NO_FROM
    if not form.get("Body", "").strip():
        raise NO_BODY
    if len(form["Body"]) > 1600:
        raise TOO_LONG
    if (sender and sender != account.number) or (service and service != account.service):
        raise NOT_OURS
    if not (to.startswith("+") and to[1:].isdigit() and 8 <= len(to) <= 16):
        raise INVALID_TO
    return Text(account.sid, account.number, to, form["Body"], "outbound-api", "accepted" if service else "queued",
                form.get("StatusCallback"), service)


async def list_texts(request: web.Request) -> web.Response:
    """Return texts, newest first, by `To` and `From` as Twilio filters them."""
    network = request.app[NETWORK]
    if network.random.random() < network.faults.api:
        raise BROKEN
    to, sender = request.query.get("To"), request.query.get("From")
    size = min(int(request.query.get("PageSize", PAGE)), 1000)
    page = int(request.query.get("Page", 0))
    texts = network.texts.of_phone(to) if to else list(network.texts.all())
    rows = [text for text in reversed(texts) if to in (None, text.to) and sender in (None, text.sender)]
    asked = {key: value for key, value in request.query.items() if key not in ("Page", "PageSize", "PageToken")}
    uri = f"{request.path}?{urlencode({**asked, 'PageSize': size})}&Page="
    shown = rows[page * size:(page + 1) * size]
    return web.json_response({
        "messages": [text.as_json() for text in shown], "first_page_uri": f"{uri}0", "uri": f"{uri}{page}",
        "next_page_uri": f"{uri}{page + 1}" if len(rows) > (page + 1) * size else None,
        "previous_page_uri": f"{uri}{page - 1}" if page else None,
        "page": page, "page_size": size, "start": page * size, "end": page * size + max(0, len(shown) - 1)})


async def fetch(request: web.Request) -> web.Response:
    """Return one text."""
    text = request.app[NETWORK].texts.by_sid.get(request.match_info["sid"])
    if text is None:
        raise NOT_FOUND
    return web.json_response(text.as_json())


async def text_in(request: web.Request) -> web.Response:
    """Send a text from a phone; returns the status of the webhook."""
    network, body = request.app[NETWORK], await request.json()
    status = await network.text_in(body["from"], body["text"], int(body.get("media", 0)), body.get("sid"),
                                   bool(body.get("keep_answer", True)))
    return web.json_response({"status": status})


async def texts_of(request: web.Request) -> web.Response:
    """Return what is new on a phone since a number that it was given before, and how many texts were held back."""
    network, body = request.app[NETWORK], await request.json()
    after = int(body.get("after", 0))
    texts = [text.as_seen() for text in network.texts.of_phone(body["phone"]) if text.seen > after]
    return web.json_response({"texts": texts, "held": network.held.get(body["phone"], 0)})


async def console(request: web.Request) -> web.Response:
    """Set what one would set in Twilio's console, and what shall go wrong; returns what it is now."""
    network, body = request.app[NETWORK], await request.json()
    account = network.account
    account.advanced = body.get("advanced_opt_out", account.advanced)
    account.fallback_url = body.get("fallback_url", account.fallback_url)
    account.service = body.get("messaging_service", account.service)
    if "faults" in body:
        network.faults = Faults(**body["faults"])
    state: dict[str, Any] = {"texts": len(network.texts.by_sid), "problems": network.problems[-100:],
                             "advanced_opt_out": account.advanced}
    if body.get("delivered"):
        state["delivered"] = [{"to": text.to, "body": text.body, "sid": text.sid} for text in network.texts.all()
                              if text.direction != "inbound"]
    return web.json_response(state)


async def ready(request: web.Request) -> web.Response:
    """Say that it is up."""
    return web.json_response({"status": "ready"})
