"""The figures of a period as charts and tables, with a print view."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bot.desk import audit, charts, figures, wording
from bot.desk.gate import staff_page
from bot.records.models import Channel

LABELS = 12  # days that are written under the bars at most


@require_safe
@staff_page()
def page(request: HttpRequest) -> HttpResponse:
    """Show the figures."""
    period = figures.read_period(_day(request.GET.get("since", "")), _day(request.GET.get("until", "")),
                                 request.GET.get("channel", ""), timezone.localdate())
    found = figures.count(period)
    audit.record(request, "view_figures", detail=f"{period.first} to {period.last} {period.channel}".strip())
    days = [date_format(day, "M j") for day in period.days]
    by_channel = {wording.in_words(channel): counts for channel, counts in found.by_day.items()}
    return render(request, "desk/figures.html", {
        "period": period, "found": found, "channels": Channel.choices,
        "by_day": charts.stacked(days, by_channel or {"–": [0] * len(days)}, every=-(-len(days) // LABELS)),
        "by_hour": charts.stacked([str(hour) for hour in range(24)], {_("conversations"): found.hours}, every=3),
        "day_rows": [(day, [values[place] for values in found.by_day.values()]) for place, day in enumerate(days)],
        "kinds": charts.shares([(str(wording.KINDS.get(code, code)), number) for code, number in found.kinds]),
        "tiers": charts.shares(found.tiers),
        "outcomes": charts.shares(found.outcomes),
        "answered_share": found.answered / total if (total := found.answered + found.not_answered) else None})


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
