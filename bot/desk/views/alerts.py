"""Alerts: seen by a person, and how they ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bot.desk import audit, roles, steps
from bot.desk.forms import OutcomeForm
from bot.desk.gate import staff_page
from bot.desk.views.conversation import back_to
from bot.records.models import Alert


@require_POST
@staff_page(roles.ANSWER)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a person has seen this alert and is on it."""
    alert = get_object_or_404(Alert.objects.select_related("conversation"), pk=pk)
    if steps.acknowledge(alert, request.user, timezone.now()):
        audit.record(request, "acknowledge", alert.conversation.case, f"alert {alert.pk} {alert.priority}")
    else:
        messages.info(request, _("Somebody acknowledged this alert before."))
    return back_to(alert.conversation, f"alert-{alert.pk}")


@require_POST
@staff_page(roles.ANSWER)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an alert to a colleague, or to nobody; it stays red until somebody acknowledges it."""
    alert = get_object_or_404(Alert.objects.select_related("conversation"), pk=pk)
    wanted = request.POST.get("to", "")
    user = next((person for person in roles.who_may(roles.ANSWER) if str(person.pk) == wanted), None)
    if wanted and user is None:
        messages.error(request, _("This person cannot take alerts."))
        return back_to(alert.conversation, f"alert-{alert.pk}")
    steps.assign(alert, user, timezone.now())
    audit.record(request, "assign", alert.conversation.case,
                 f"alert {alert.pk} to {f'user {user.pk}' if user else 'nobody'}")
    return back_to(alert.conversation, f"alert-{alert.pk}")


@require_POST
@staff_page(roles.ANSWER)
def outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down how an alert ended; it counts as acknowledged too."""
    alert = get_object_or_404(Alert.objects.select_related("conversation"), pk=pk)
    form = OutcomeForm(request.POST)
    if not form.is_valid() or not (form.cleaned_data["outcome"] or form.cleaned_data["note"]):
        messages.error(request, _("Please choose an outcome or write a note."))
        return back_to(alert.conversation, f"alert-{alert.pk}")
    code = form.cleaned_data["outcome"]
    steps.settle(alert, request.user, code, form.cleaned_data["note"], timezone.now())
    audit.record(request, "outcome", alert.conversation.case, f"alert {alert.pk} {code or 'note'}")
    return back_to(alert.conversation, f"alert-{alert.pk}")
