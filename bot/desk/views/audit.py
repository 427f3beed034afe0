"""The audit, for those who may read it."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from bot.desk import audit, roles
from bot.desk.cells import harmless
from bot.desk.gate import staff_page
from bot.records.models import AuditRow

PAGE = 100
LONGEST = 100_000  # rows of a file


@require_safe
@staff_page(roles.AUDIT)
def page(request: HttpRequest) -> HttpResponse:
    """Show who saw or did what, newest first."""
    asked = _asked(request)
    audit.record(request, "view_audit", asked["case"].upper()[:8])
    found = _found(asked).select_related("actor").order_by("-id")
    rows = Paginator(found, PAGE).get_page(request.GET.get("page"))
    actions = list(AuditRow.objects.order_by("action").values_list("action", flat=True).distinct())
    address = request.GET.copy()
    address.pop("page", None)
    return render(request, "desk/audit.html", {
        "rows": rows, "asked": asked, "actions": actions, "address": address.urlencode()})


@require_safe
@staff_page(roles.AUDIT)
def as_csv(request: HttpRequest) -> HttpResponse:
    """Return what the same search finds as a file, newest first."""
    asked = _asked(request)
    rows = _found(asked).select_related("actor").order_by("-id")[:LONGEST]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("at", "who", "what", "case", "detail", "from"))
    for row in rows.iterator(2000):
        writer.writerow(map(harmless, (row.at.isoformat(), row.actor.get_username() if row.actor else "", row.action,
                                       row.case, row.detail, row.address or "")))
    audit.record(request, "export_audit", asked["case"].upper()[:8])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:60] for name in ("case", "who", "action", "day")}


def _found(asked: dict[str, str]) -> QuerySet[AuditRow]:
    rows = AuditRow.objects.all()
    if asked["case"]:
        rows = rows.filter(case=asked["case"].upper())
    if asked["who"]:
        who = asked["who"]
        meant = (Q(actor__username__icontains=who) | Q(actor__first_name__icontains=who)
                 | Q(actor__last_name__icontains=who))
        # PostgreSQL refuses to compare an address with what is none.
        rows = rows.filter(meant | Q(address=who) if audit.is_address(who) else meant)
    if asked["action"]:
        rows = rows.filter(action=asked["action"])
    if day := _day(asked["day"]):
        rows = rows.filter(at__gte=day, at__lt=day + timedelta(days=1))
    return rows


def _day(text: str) -> datetime | None:
    """Return the start of a day in the clinic's zone."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(day, datetime.min.time())) if day else None
