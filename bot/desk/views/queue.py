"""The queue page and its live part."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bot.desk import audit, live, queue
from bot.desk.filters import ANSWERS, CATEGORIES, KINDS, LANGUAGES, Filters, read_filters
from bot.desk.gate import staff_page, user_of
from bot.desk.models import Label, SavedFilter
from bot.records.models import Channel, Heartbeat, Tier

SILENT = timedelta(minutes=3)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def page(request: HttpRequest) -> HttpResponse:
    """Show the queue; what is searched for comes by POST, so that it is in no address and no log."""
    filters = read_filters(request.GET, request.POST.get("words", ""))
    told = live.news()
    found = _context(filters, told)
    audit.record(request, "view_queue", detail=f"page {filters.page}")
    if filters.words:
        shown = len(found["queue"].alerts) + len(found["queue"].waiting) + len(found["queue"].rest)
        audit.record(request, "search", detail=f"{shown} found")
    return render(request, "desk/queue.html", found | _choices(request))


@require_POST
@staff_page()
def renew(request: HttpRequest) -> HttpResponse:
    """Return the rows anew as a fragment, or nothing if they are as the page has them."""
    told = live.news()
    if request.POST.get("only") == "counts":  # beneath a search: its rows stay, and it is not done again
        return live.answer("", told)
    filters = read_filters(request.GET)
    if request.POST.get("mark") == _stamp(filters, told):
        return live.answer("", told)
    found = _context(filters, told)
    if request.POST.get("newest") != str(found["newest"]):  # alerts that this page has not shown yet
        audit.record(request, "view_queue", detail="live")
    return live.answer(render_to_string("desk/_queue.html", found, request), told)


@require_POST
@staff_page()
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep a view of the queue under a name; the same name again is the new view."""
    filters, name = read_filters(request.POST), request.POST.get("name", "").strip()[:40]
    if not name or not filters.query:
        messages.error(request, _("Choose filters, and a name for them."))
        return redirect("desk:queue")
    SavedFilter.objects.update_or_create(user=user_of(request), name=name, defaults={"query": filters.query})
    return redirect(f"{reverse('desk:queue')}?{filters.query}")


@require_POST
@staff_page()
def forget_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of one's own saved views."""
    get_object_or_404(SavedFilter, pk=pk, user=user_of(request)).delete()
    return redirect("desk:queue")


def _choices(request: HttpRequest) -> dict[str, Any]:
    """Return what the filters offer."""
    people = get_user_model().objects.filter(is_active=True).order_by("username")
    return {
        "tiers": list(reversed(Tier.choices)), "channels": Channel.choices, "categories": CATEGORIES, "kinds": KINDS,
        "languages": LANGUAGES, "answers": ANSWERS, "people": people,
        "labels": list(Label.objects.order_by("name").values_list("name", flat=True).distinct()[:100]),
        "saved": list(SavedFilter.objects.filter(user=user_of(request)))}


def _stamp(filters: Filters, told: dict[str, Any]) -> str:
    return live.stamp(told, timezone.now(), filters.query, filters.page, _silent())


def _silent() -> list[str]:
    """Return the processes that have not been heard of for a while."""
    return [beat.name for beat in Heartbeat.objects.exclude(name="nightly") if timezone.now() - beat.at > SILENT]


def _context(filters: Filters, told: dict[str, Any]) -> dict[str, Any]:
    # The sign comes before what it stands for: what changes meanwhile is then shown once more, never missed.
    mark = _stamp(filters, told)
    found = queue.read_queue(filters)
    return {"filters": filters, "queue": found, "now": timezone.now(), "silent": _silent(), "mark": mark,
            "newest": max((row.newest_alert or 0 for row in found.alerts), default=0),  # type: ignore[attr-defined]
            "address": filters.query, "newest_p1": told["p1"]}
