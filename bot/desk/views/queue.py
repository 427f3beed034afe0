"""The queue page and its live part."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_http_methods, require_POST

from bot.desk import audit, queue
from bot.desk.gate import staff_page
from bot.records.models import Channel, Heartbeat, Tier

SILENT = timedelta(minutes=3)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def page(request: HttpRequest) -> HttpResponse:
    """Show the queue; what is searched for comes by POST, so that it is in no address and no log."""
    filters = queue.read_filters(request.GET, request.POST.get("words", ""))
    found = _context(request, filters)
    if filters.words:
        shown = len(found["queue"].alerts) + len(found["queue"].waiting) + len(found["queue"].rest)
        audit.record(request, "search", detail=f"{shown} found")
    tiers = [(tier, label) for tier, label in reversed(Tier.choices)]
    return render(request, "desk/queue.html", found | {"tiers": tiers, "channels": Channel.choices})


@require_POST
@staff_page()
def live(request: HttpRequest) -> HttpResponse:
    """Return the rows anew as a fragment, or nothing if they are as the page has them."""
    if request.POST.get("only") == "counts":  # beneath a search: its rows stay, and it is not done again
        return JsonResponse({"open_alerts": queue.count_open_alerts(), **_newest_p1()})
    found = _context(request, queue.read_filters(request.GET))
    html = render_to_string("desk/_queue.html", found, request)
    mark = salted_hmac("desk.queue", html).hexdigest()[:16]
    body: dict[str, Any] = {"mark": mark, "open_alerts": found["queue"].open_alerts, **_newest_p1()}
    if request.POST.get("mark") != mark:
        body["html"] = html
    return JsonResponse(body)


def _newest_p1() -> dict[str, Any]:
    pk, case = queue.newest_p1()
    return {"p1": pk, "p1_case": case}


def _context(request: HttpRequest, filters: queue.Filters) -> dict[str, Any]:
    now = timezone.now()
    silent = [beat.name for beat in Heartbeat.objects.all() if now - beat.at > SILENT]
    return {"filters": filters, "queue": queue.read_queue(filters), "now": now, "silent": silent,
            "address": request.GET.urlencode(), "newest_p1": queue.newest_p1()[0]}
