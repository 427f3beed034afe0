"""What other calendars read: the staff's private feed, and the clinic's free times where it publishes them."""

from __future__ import annotations

from datetime import timedelta

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from bot.channels.limits import allowed
from bot.channels.service import get_gateway
from bot.records import offers
from bot.records.calendar_sync import staff_entry
from bot.records.feeds import FEED_SALT
from bot.records.models import Appointment
from bot.scheduling import links
from bot.scheduling.invitation import as_ics
from bot.settings import get_settings

FEED_BACK, FEED_AHEAD = timedelta(days=30), timedelta(days=366)


async def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return a staff member's visits as a calendar to subscribe to; the signed address is the key."""
    try:
        staff = Signer(salt=FEED_SALT).unsign(token)
    except BadSignature:
        return HttpResponse(status=404)
    text = await get_gateway().in_thread(_feed, staff)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


async def bulk(request: HttpRequest, name: str) -> HttpResponse:
    """Return the manifest or a file of SMART Scheduling Links, where the clinic publishes its free times."""
    settings = get_settings()
    if not settings.clinic.booking_url:
        return JsonResponse(
            {"error": {"code": "not_here", "message": "Free times are not published here."}}, status=404
        )
    if not allowed(request, "publish", per_minute=60):
        return HttpResponse(status=429)
    if name == "$bulk-publish":
        response: HttpResponse = JsonResponse(links.manifest(f"{settings.env.public_url}/fhir", timezone.now()))
    elif name.removesuffix(".ndjson") in links.FILES:
        text = await get_gateway().in_thread(_file, name.removesuffix(".ndjson"))
        response = HttpResponse(text, content_type="application/fhir+ndjson")
    else:
        return HttpResponse(status=404)
    response["Cache-Control"] = "public, max-age=60"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _feed(staff: str) -> str:
    clinic, now = get_settings().clinic, timezone.now()
    visits = Appointment.objects.select_related("conversation").filter(
        state="booked", start__gt=now - FEED_BACK, start__lt=now + FEED_AHEAD).order_by("start")
    if staff != "everyone":
        visits = visits.filter(staff=staff)
    name = next((member.name for member in clinic.staff if member.id == staff), clinic.neutral_name)
    return as_ics([staff_entry(clinic, visit) for visit in visits], clinic.zone, now, "PUBLISH", name)


def _file(name: str) -> str:
    clinic, now = get_settings().clinic, timezone.now()
    url = clinic.booking_url or ""
    if name == "locations":
        return links.lines([links.location(clinic.clinic, clinic.phone, clinic.address, url)])
    if name == "schedules":
        return links.lines(links.schedule(service.id, service.name) for service in clinic.services)
    return links.lines(links.slot(service.id, free, url) for service in clinic.services
                       for free in offers.all_slots(clinic, service, now))
