"""The clinic's calendar by day and week; booking for a patient, blocking a time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bot.desk import audit, roles
from bot.desk.calendar import read_grid
from bot.desk.calendar_forms import BlockForm, FindForm, week_of
from bot.desk.gate import staff_page
from bot.records import offers
from bot.records.appointments import SlotTaken
from bot.records.calendar_health import is_down
from bot.records.models import Appointment, Block, Conversation
from bot.records.visit_steps import book_visit
from bot.scheduling.choosing import in_words
from bot.scheduling.wish import Wish
from bot.scheduling.wishes import read_wish
from bot.settings import get_settings

OFFERED = 9


@require_safe
@staff_page()
def week(request: HttpRequest) -> HttpResponse:
    """Show a week."""
    return _grid(request, 7)


@require_safe
@staff_page()
def day(request: HttpRequest) -> HttpResponse:
    """Show a day, a column a room."""
    return _grid(request, 1)


def _grid(request: HttpRequest, days: int) -> HttpResponse:
    clinic, now = get_settings().clinic, timezone.now()
    asked = _date(request.GET.get("day", "")) or now.astimezone(clinic.zone).date()
    first = week_of(asked) if days == 7 else asked
    audit.record(request, "view_calendar", detail=f"{first} {days}")
    last = first + timedelta(days=days - 1)
    return render(request, "desk/calendar.html", {
        "grid": read_grid(clinic, first, days, now), "days": days, "first": first, "last": last, "asked": asked,
        "before": first - timedelta(days=days), "after": first + timedelta(days=days),
        "today": now.astimezone(clinic.zone).date(), "zone": clinic.time_zone,
        "down": any(is_down(clinic, service) for service in clinic.services),
        "block_form": BlockForm(initial={"day": asked}, auto_id="block_%s"),
        "find_form": FindForm(auto_id="find_%s"), "may": roles.abilities(request.user)})


@require_POST
@staff_page(roles.ANSWER)
def find(request: HttpRequest) -> HttpResponse:
    """Show free times for a patient."""
    form = FindForm(request.POST, auto_id="find_%s")
    return _found(request, form) if form.is_valid() else render(
        request, "desk/calendar_book.html", {"form": form, "case": _case(request)}, status=400)


@require_POST
@staff_page(roles.ANSWER)
def book(request: HttpRequest) -> HttpResponse:
    """Book the chosen time for a patient, who is told by the way they are reached."""
    form, clinic = FindForm(request.POST, auto_id="find_%s"), get_settings().clinic
    if not form.is_valid():
        return render(request, "desk/calendar_book.html", {"form": form, "case": _case(request)}, status=400)
    data = form.cleaned_data
    service = clinic.service(data["service"])
    conversation = Conversation.objects.filter(case=_case(request), erased_at=None).first()
    try:
        start = datetime.fromisoformat(request.POST.get("start", ""))
        slot = offers.slot_at(clinic, service, start, timezone.now())
        if slot is None:
            raise SlotTaken
        visit = book_visit(clinic, conversation, service, slot, data["first_name"], data["contact"],
                           conversation.language if conversation else "en", by=actor(request))
    except (SlotTaken, ValueError, TypeError):
        messages.error(request, _("That time has just been taken. Please choose another one."))
        return _found(request, form)
    audit.record(request, "book_visit", conversation.case if conversation else "", f"visit {visit.pk}")
    messages.success(request, _("Booked. The patient is told."))
    return redirect("calendar:visit", pk=visit.pk)


@require_POST
@staff_page(roles.ANSWER)
def block(request: HttpRequest) -> HttpResponse:
    """Keep a time free; visits that are in it already stay, and are named."""
    form = BlockForm(request.POST, auto_id="block_%s")
    if not form.is_valid():
        messages.error(request, "; ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("calendar:week")
    start, end = form.span()
    kind, _colon, name = form.cleaned_data["whom"].partition(":")
    row = Block.objects.create(
        start=start,
        end=end,
        room=name if kind == "room" else "",
        staff=name if kind == "staff" else "",
        reason=form.cleaned_data["reason"],
        by=actor(request),
    )
    audit.record(request, "block_time", detail=f"block {row.pk}")
    inside = Appointment.objects.filter(state="booked", start__lt=end, end__gt=start)
    if row.room:
        inside = inside.filter(room=row.room)
    if row.staff:
        inside = inside.filter(staff=row.staff)
    if count := inside.count():
        messages.warning(
            request, _("Blocked. %(count)s booked visits are in this time: move or cancel them.") % {"count": count}
        )
    else:
        messages.success(request, _("Blocked."))
    return _to_day(start.date())


@require_POST
@staff_page(roles.ANSWER)
def unblock(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a blocked time free again."""
    row = get_object_or_404(Block, pk=pk)
    when = row.start.astimezone(get_settings().clinic.zone).date()
    row.delete()
    audit.record(request, "unblock_time", detail=f"block {pk}")
    messages.success(request, _("The time is free again."))
    return _to_day(when)


def _found(request: HttpRequest, form: FindForm) -> HttpResponse:
    clinic, now, data = get_settings().clinic, timezone.now(), form.cleaned_data
    said = data["when"].strip()
    wish = read_wish(said, now.astimezone(clinic.zone)) if said else Wish()
    slots = offers.find_slots(clinic, clinic.service(data["service"]), wish or Wish(), now, OFFERED)
    choices = [(slot.start.isoformat(), in_words(slot.start, clinic.zone)) for slot in slots]
    return render(
        request,
        "desk/calendar_book.html",
        {
            "form": form,
            "choices": choices,
            "searched": True,
            "unread": bool(said) and wish is None,
            "case": _case(request),
        },
    )


def actor(request: HttpRequest) -> User | None:
    """Return who is signed in."""
    return request.user if isinstance(request.user, User) else None


def _case(request: HttpRequest) -> str:
    return request.POST.get("case", "").strip().upper()[:8]


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _to_day(when: Any) -> HttpResponse:
    response = redirect("calendar:week")
    response["Location"] = f"{reverse('calendar:week')}?day={when}"
    return response
