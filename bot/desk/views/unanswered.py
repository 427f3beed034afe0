"""What patients ask that the articles don't say."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bot.desk import audit, unanswered
from bot.desk.gate import staff_page
from bot.desk.models import QuestionGroup
from bot.records.models import Message

SHOWN = 200


@require_safe
@staff_page()
def page(request: HttpRequest) -> HttpResponse:
    """List the groups, the largest first."""
    groups = list(QuestionGroup.objects.all()[:SHOWN])
    newest = [group.messages[0] for group in groups if group.messages]
    cases = dict(Message.objects.filter(pk__in=newest).values_list("pk", "conversation__case"))
    audit.record(request, "view_unanswered", detail=f"{len(groups)} groups")
    return render(request, "desk/unanswered.html", {
        "groups": [(group, cases.get(group.messages[0], "") if group.messages else "") for group in groups],
        "total": sum(group.count for group in groups), "made_at": groups[0].made_at if groups else None,
        "days": unanswered.DAYS})


@require_POST
@staff_page()
def regroup(request: HttpRequest) -> HttpResponse:
    """Group anew now instead of tonight."""
    unanswered.regroup(timezone.now())
    audit.record(request, "regroup")
    return redirect("desk:unanswered")
