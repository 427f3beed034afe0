"""One visit at the desk: moved, cancelled, marked as missed; and the list of people who want to hear from us."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bot.desk import audit, roles
from bot.desk.gate import staff_page
from bot.desk.masking import mask_contact
from bot.desk.views.conversation import is_revealed
from bot.records import offers
from bot.records.appointments import SlotTaken
from bot.records.feeds import feed_of
from bot.records.models import Appointment, ContactRequest, WaitingPatient
from bot.records.visit_messages import tell
from bot.records.visit_steps import cancel_visit, move_visit
from bot.scheduling.choosing import in_words
from bot.scheduling.wish import Wish
from bot.scheduling.wishes import read_wish
from bot.settings import get_settings

OFFERED = 9
PAGE = 50


@require_safe
@staff_page()
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a visit, with free times to move it to."""
    visit = get_object_or_404(Appointment.objects.select_related("conversation", "booked_by"), pk=pk)
    clinic, now = get_settings().clinic, timezone.now()
    case = visit.conversation.case if visit.conversation else ""
    audit.record(request, "view_visit", case, f"visit {pk}")
    said = request.GET.get("when", "").strip()[:100]
    wish = read_wish(said, now.astimezone(clinic.zone)) if said else Wish()
    is_open = visit.state == "booked" and visit.end > now
    slots = offers.find_slots(clinic, clinic.service(visit.service), wish or Wish(), now, OFFERED) if is_open else []
    shown = visit.conversation is not None and is_revealed(request, visit.conversation)
    return render(request, "desk/visit.html", {
        "visit": visit, "when": in_words(visit.start, clinic.zone), "case": case, "said": said, "is_open": is_open,
        "over": visit.state == "booked" and visit.start <= now, "unread": bool(said) and wish is None,
        "service": clinic.service(visit.service).name, "day": visit.start.astimezone(clinic.zone).date(),
        "staff": next((member.name for member in clinic.staff if member.id == visit.staff), visit.staff),
        "contact": visit.contact if shown else mask_contact(visit.contact),
        "choices": [(slot.start.isoformat(), in_words(slot.start, clinic.zone)) for slot in slots]})


@require_POST
@staff_page(roles.ANSWER)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the visit another time; the patient is told."""
    visit = get_object_or_404(Appointment.objects.select_related("conversation"), pk=pk, state="booked")
    clinic = get_settings().clinic
    try:
        start = datetime.fromisoformat(request.POST.get("start", ""))
        slot = offers.slot_at(clinic, clinic.service(visit.service), start, timezone.now(), visit.conversation)
        if slot is None:
            raise SlotTaken
        move_visit(clinic, visit, slot)
    except (SlotTaken, ValueError, TypeError):
        messages.error(request, _("That time has just been taken. Please choose another one."))
        return redirect("calendar:visit", pk=pk)
    _record(request, visit, "move_visit")
    messages.success(request, _("Moved. The patient is told."))
    return redirect("calendar:visit", pk=pk)


@require_POST
@staff_page(roles.ANSWER)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel the visit; the patient is told."""
    visit = get_object_or_404(Appointment.objects.select_related("conversation"), pk=pk)
    if cancel_visit(get_settings().clinic, visit):
        _record(request, visit, "cancel_visit")
        messages.success(request, _("Cancelled. The patient is told."))
    return redirect("calendar:visit", pk=pk)


@require_POST
@staff_page(roles.ANSWER)
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a visit as missed (or not), or as confirmed by us after a calendar was down."""
    visit = get_object_or_404(Appointment.objects.select_related("conversation"), pk=pk, state="booked")
    what = request.POST.get("what", "")
    if what == "missed":
        Appointment.objects.filter(pk=pk).update(missed=not visit.missed)
    elif what == "settled" and visit.to_confirm:
        Appointment.objects.filter(pk=pk).update(to_confirm=False)
        visit.sequence += 1
        visit.save(update_fields=["sequence"])
        tell(visit, "confirm")
        messages.success(request, _("Confirmed. The patient is told."))
    _record(request, visit, f"mark_{what}"[:40])
    return redirect("calendar:visit", pk=pk)


@require_safe
@staff_page()
def requests(request: HttpRequest) -> HttpResponse:
    """List who wants to be called or written to, and who waits for a time."""
    audit.record(request, "view_requests")
    rows = ContactRequest.objects.select_related("conversation", "handled_by")
    rows = rows if request.GET.get("all") else rows.exclude(state="done")
    found = Paginator(rows.order_by("state", "created_at"), PAGE).get_page(request.GET.get("page"))
    for row in found:
        row.shown = (row.contact if is_revealed(request, row.conversation)  # type: ignore[attr-defined]
                     else mask_contact(row.contact))
    waiting = (
        WaitingPatient.objects.filter(state__in=("waiting", "offered")).select_related("conversation").order_by("id")
    )
    return render(
        request,
        "desk/requests.html",
        {
            "rows": found,
            "feed": feed_of(),
            "states": ContactRequest.State.choices,
            "all": request.GET.get("all"),
            "waiting": waiting,
            "may": roles.abilities(request.user),
        },
    )


@require_POST
@staff_page(roles.ANSWER)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what became of a request."""
    row = get_object_or_404(ContactRequest.objects.select_related("conversation"), pk=pk)
    state = request.POST.get("state", "")
    if state in ContactRequest.State.values:
        row.state, row.handled_by, row.handled_at = state, request.user, timezone.now()  # type: ignore[assignment]
        row.save(update_fields=["state", "handled_by", "handled_at"])
        audit.record(request, "contact_request", row.conversation.case, f"request {pk} {state}")
        if row.conversation.erased_at is not None and state == ContactRequest.State.DONE:
            row.delete()  # kept until now only so that the call they asked for was made
    return redirect("calendar:requests")


def _record(request: HttpRequest, visit: Appointment, action: str) -> None:
    audit.record(request, action, visit.conversation.case if visit.conversation else "", f"visit {visit.pk}")
