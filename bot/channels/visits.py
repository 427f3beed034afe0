"""The page behind a visit's signed link: see it, confirm, move or cancel it. Opening it changes nothing.

The link itself is the key, so there is no session and no cookie; it holds a number and a signature.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template, render_to_string
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from bot.channels.limits import allowed
from bot.channels.service import get_gateway
from bot.records import offers, waitlist
from bot.records.appointments import SlotTaken
from bot.records.models import Appointment
from bot.records.visit_links import link_of, visit_of, waiting_of
from bot.records.visit_messages import invitation_of, values_of, when_of
from bot.records.visit_steps import cancel_visit, confirm_visit, move_visit
from bot.scheduling.choosing import in_words
from bot.scheduling.texts import say
from bot.scheduling.wish import Wish
from bot.scheduling.wishes import read_wish
from bot.settings import get_settings

OFFERED = 6
Page = Callable[[HttpRequest, str], HttpResponse]


def in_gateway_thread(view: Page) -> Callable[[HttpRequest, str], Coroutine[Any, Any, HttpResponse]]:
    """Run a page in the gateway's threads, with the headers that a page with a key in its address needs."""
    @csrf_exempt
    @wraps(view)
    async def handle(request: HttpRequest, token: str) -> HttpResponse:
        if not allowed(request, "visit", per_minute=60):
            return HttpResponse(status=429)
        response = await get_gateway().in_thread(view, request, token)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        response["X-Content-Type-Options"] = "nosniff"
        response["X-Frame-Options"] = "DENY"
        response["Content-Security-Policy"] = _policy()
        return response

    return handle


@in_gateway_thread
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show a visit, or do what its form asks for."""
    visit = visit_of(token)
    if visit is None:
        return _bad()
    said = ""
    if request.method == "POST" and visit.state == "booked" and visit.end > timezone.now():
        said = _act(visit, request.POST.get("do", ""), request.POST.get("start", ""))
        visit.refresh_from_db()
    return _shown(visit, said, request.GET.get("when", "")[:100])


@in_gateway_thread
def calendar_file(request: HttpRequest, token: str) -> HttpResponse:
    """Return a visit as an iCalendar file."""
    visit = visit_of(token)
    if visit is None:
        return _bad()
    method = "CANCEL" if visit.state == "cancelled" else "PUBLISH"
    response = HttpResponse(invitation_of(visit, method), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return response


@in_gateway_thread
def waiting_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the time that became free to someone on the waiting list, and let them take it."""
    row = waiting_of(token)
    if row is None:
        return _bad()
    language, clinic = row.language, get_settings().clinic
    when = in_words(row.offered_start, clinic.zone, language) if row.offered_start else ""
    if request.method == "POST" and row.state == "offered":
        try:
            visit = waitlist.take(row, timezone.now())
        except SlotTaken:
            return _render(language, said=say("page_gone", language))
        return _shown(visit, say("page_taken_by_you", language, when=when_of(visit)))
    if row.state != "offered":
        return _render(language, said=say("page_gone", language))
    return _render(language, said=say("page_free", language, when=when), take=say("page_take", language))


def _act(visit: Appointment, do: str, start: str) -> str:
    """Carry out one of the page's buttons and return what is said to it."""
    clinic, language, now = get_settings().clinic, visit.language, timezone.now()
    if do == "confirm":
        confirm_visit(visit, now)
        return say("page_confirmed", language)
    if do == "cancel":
        cancel_visit(clinic, visit)
        return ""
    if do == "move":
        try:
            wanted = datetime.fromisoformat(start)
            slot = offers.slot_at(clinic, clinic.service(visit.service), wanted, now, visit.conversation)
            if slot is None:
                raise SlotTaken
            move_visit(clinic, visit, slot)
        except (SlotTaken, ValueError, TypeError):
            return say("page_taken", language)
        return say("page_moved", language, when=when_of(visit))
    return ""


def _shown(visit: Appointment, said: str, wished: str = "") -> HttpResponse:
    clinic, language, now = get_settings().clinic, visit.language, timezone.now()
    values = values_of(visit)
    if visit.state == "cancelled":
        return _render(language, said=said or say("page_cancelled", language, **values), visit=visit)
    if visit.end <= now:
        return _render(language, said=say("page_over", language, **values))
    wish = read_wish(wished, now.astimezone(clinic.zone)) or Wish()
    slots = offers.find_slots(clinic, clinic.service(visit.service), wish, now, OFFERED, visit.conversation)
    choices = [(slot.start.isoformat(), in_words(slot.start, clinic.zone, language)) for slot in slots]
    return _render(language, said=said, when=say("page_when", language, **values), visit=visit, choices=choices,
                   address=clinic.address, wished=wished, file=link_of(visit) + ".ics")


@lru_cache(maxsize=1)
def _policy() -> str:
    """Return a policy that lets in the template's own style, known by its hash, and nothing else."""
    source = get_template("channels/visit.html").template.source  # type: ignore[attr-defined]
    style = source.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'")


def _bad() -> HttpResponse:
    return _render("en", said=say("page_bad", phone=get_settings().clinic.phone), status=404)


def _render(language: str, status: int = 200, **context: Any) -> HttpResponse:
    clinic = get_settings().clinic
    labels = {
        name: say(f"page_{name}", language) for name in ("title", "confirm", "cancel", "move", "calendar", "look")
    }
    return HttpResponse(
        render_to_string(
            "channels/visit.html",
            {"clinic": clinic.neutral_name, "phone": clinic.phone, "language": language, "labels": labels, **context},
        ),
        status=status,
    )
