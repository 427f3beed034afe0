"""One conversation: the transcript, its live part, and what is done from its side panel."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bot.desk import audit, canned, facts, live, masking, roles, steps, transcript
from bot.desk.forms import CLEAR_CHOICES, REVEAL_CHOICES, ClearForm, ExportForm, NoteForm, RevealForm
from bot.desk.gate import staff_page
from bot.desk.models import Label, Note
from bot.desk.queue import newest_p1
from bot.records import deliveries, signs
from bot.records.models import Alert, AuditRow, Conversation, Outbox, PhoneConsent
from bot.settings import get_settings

REVEAL_MINUTES = 10
PANELS = ("state", "alerts", "typing")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')


def find(case: str) -> Conversation:
    """Return the conversation of a case, whatever the case of its letters; raises `Http404`."""
    found = Conversation.objects.select_related("owner").filter(case=case.upper()).first()
    if found is None:
        raise Http404
    return found


def back_to(conversation: Conversation, part: str = "") -> HttpResponse:
    """Return to a conversation's page."""
    response = redirect("desk:conversation", case=conversation.case)
    if part:
        response["Location"] += f"#{part}"
    return response


def is_revealed(request: HttpRequest, conversation: Conversation) -> bool:
    """Return whether this person gave a reason to see this conversation's details in the last minutes."""
    return float(request.session.get("revealed", {}).get(conversation.case, 0)) > time.time()


@require_safe
@staff_page()
def page(request: HttpRequest, case: str) -> HttpResponse:
    """Show a conversation."""
    conversation = find(case)
    audit.record(request, "view", conversation.case)
    revealed = is_revealed(request, conversation)
    before = _number(request.GET.get("before", ""))
    lines = transcript.read_lines(conversation, revealed=revealed, upto=before - 1 if before else None)
    return render(request, "desk/conversation.html", {
        **_context(request, conversation, lines, lines[-1].message.pk if lines else 0),
        "has_earlier": transcript.has_earlier(conversation, lines), "is_older": bool(before),
        "contact": _contact(conversation, revealed), "newest_p1": newest_p1()[0],
        "revealed_until": _until(request, conversation) if revealed else None,
        "reveal_form": RevealForm(auto_id="reveal_%s"), "reveal_reasons": REVEAL_CHOICES[:-1],
        "canned": canned.replies_for(request.user, conversation.language), "known_labels": _known_labels(),
        "export_form": ExportForm(auto_id="export_%s")})


@require_POST
@staff_page()
def renew(request: HttpRequest, case: str) -> HttpResponse:
    """Return the messages after the last one on the page, and the panels if they changed."""
    conversation = find(case)
    if request.POST.get("typing") and conversation.owner_id == request.user.pk:
        signs.note_typing(conversation.pk, "staff", timezone.now())
    after = _number(request.POST.get("after", ""))
    if request.POST.get("count") not in (None, str(_count(conversation, after))):
        # One came late with a lower number (PostgreSQL gives numbers before rows are to be seen), or the
        # chat was erased: the page is asked for anew. What is being typed stays: the browser keeps it.
        return live.anew(live.news())
    lines = transcript.read_lines(conversation, after, is_revealed(request, conversation))
    last = lines[-1].message.pk if lines else after
    context = _context(request, conversation, lines, last)
    if lines:
        audit.record(request, "view", conversation.case, f"live, {len(lines)} new")
    panels = []
    for panel in PANELS:
        html = render_to_string(f"desk/_{panel}.html", context, request)
        mark = _mark(html)
        if request.POST.get(panel) != mark:
            panels.append((panel, html, mark))
    changed = render_to_string("desk/_live.html", context | {"panels": panels}, request) if lines or panels else ""
    return live.answer(changed, live.news())


@require_POST
@staff_page(roles.REVEAL)
def reveal(request: HttpRequest, case: str) -> HttpResponse:
    """Show personal details for a few minutes, for a reason that is kept."""
    conversation, form = find(case), RevealForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose a reason to see the details."))
        return back_to(conversation)
    _keep_words(request, conversation, Note.Kind.REVEAL, form.cleaned_data["words"])
    audit.record(request, "reveal", conversation.case, form.cleaned_data["reason"])
    now = time.time()
    still = {key: until for key, until in request.session.get("revealed", {}).items() if until > now}
    request.session["revealed"] = still | {conversation.case: now + 60 * REVEAL_MINUTES}
    return back_to(conversation)


@require_POST
@staff_page()
def hide(request: HttpRequest, case: str) -> HttpResponse:
    """Mask the details again."""
    conversation = find(case)
    revealed = request.session.get("revealed", {})
    revealed.pop(conversation.case, None)
    request.session["revealed"] = revealed
    return back_to(conversation)


@require_POST
@staff_page(roles.CLEAR)
def clear(request: HttpRequest, case: str) -> HttpResponse:
    """Lift the block after danger: a clinician's act, with a reason."""
    conversation, form = find(case), ClearForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The block stays: please choose a reason, in words if it is another."))
        return back_to(conversation)
    now, reason, words = timezone.now(), form.cleaned_data["reason"], form.cleaned_data["words"].strip()
    try:
        cleared = steps.clear_block(conversation, form.cleaned_data["seen"], now)
    except steps.NewerDanger:
        messages.error(request, _("The block stays: a new message came in. Please read it first."))
        return back_to(conversation, "latest")
    if cleared:
        label = str(dict(CLEAR_CHOICES)[reason])
        steps.write_note(conversation, request.user, f"{label}. {words}".strip(), now, Note.Kind.CLEAR)
        audit.record(request, "clear", conversation.case, reason)
        messages.success(request, _("The block is cleared. The assistant answers and books again."))
    return back_to(conversation)


@require_POST
@staff_page(roles.ANSWER)
def note(request: HttpRequest, case: str) -> HttpResponse:
    """Add a note for colleagues."""
    conversation, form = find(case), NoteForm(request.POST)
    if form.is_valid():
        written = steps.write_note(conversation, request.user, form.cleaned_data["text"], timezone.now())
        audit.record(request, "note", conversation.case, f"note {written.pk}")
    return back_to(conversation, "notes")


def _keep_words(request: HttpRequest, conversation: Conversation, kind: str, words: str) -> None:
    if words.strip():
        steps.write_note(conversation, request.user, words.strip(), timezone.now(), kind)


def _context(request: HttpRequest, conversation: Conversation, lines: list[transcript.Line],
             last: int) -> dict[str, Any]:
    """Return what the transcript and the two live panels show; `last` is the newest message on the page."""
    revealed = is_revealed(request, conversation)
    alerts = list(Alert.objects.filter(conversation=conversation)
                  .select_related("acknowledged_by", "assigned_to", "message").prefetch_related("outbox_set")
                  .order_by("-id")[:100])
    history = _history(conversation) if alerts else {}
    is_mine = conversation.owner_id == request.user.pk
    for alert in alerts:
        alert.shown_note = alert.note if revealed else masking.mask_text(alert.note)  # type: ignore[attr-defined]
        alert.history = history.get(alert.pk, [])  # type: ignore[attr-defined]
    return {
        "conversation": conversation, "lines": lines, "now": timezone.now(), "last": last,
        "open": [alert for alert in alerts if alert.acknowledged_at is None],
        "handled": [alert for alert in alerts if alert.acknowledged_at is not None],
        "outcomes": Alert.Outcome.choices, "people": roles.who_may(roles.ANSWER) if alerts else [],
        "may": roles.abilities(request.user), "count": _count(conversation, last),
        "is_mine": is_mine, "revealed": revealed,
        "facts": facts.read_facts(conversation, alerts, revealed, get_settings().clinic) if alerts else None,
        "types": conversation.owner_id is not None and signs.patient_types(conversation.pk, timezone.now()),
        "clear_form": ClearForm(initial={"seen": last}, auto_id="clear_%s"),
    }


def _count(conversation: Conversation, upto: int) -> int:
    return conversation.messages.filter(id__lte=upto).count()


def _history(conversation: Conversation) -> dict[int, list[AuditRow]]:
    """Return what was done about each alert, oldest first."""
    rows = AuditRow.objects.filter(case=conversation.case, action__in=("acknowledge", "assign", "outcome"),
                                   detail__startswith="alert ").select_related("actor").order_by("id")[:500]
    found: dict[int, list[AuditRow]] = {}
    for row in rows:
        number = row.detail.split()[1]
        found.setdefault(int(number) if number.isdigit() else 0, []).append(row)
    return found


def _until(request: HttpRequest, conversation: Conversation) -> datetime:
    return datetime.fromtimestamp(request.session["revealed"][conversation.case], UTC)


def _contact(conversation: Conversation, revealed: bool) -> dict[str, Any]:
    """Return what is known of how to reach the patient, masked unless revealed."""
    show = (lambda text: text) if revealed else masking.mask_contact
    phone = conversation.phone or ""
    consent = PhoneConsent.objects.filter(phone=phone).order_by("-id").first() if phone else None
    others = Conversation.objects.filter(phone=phone).exclude(pk=conversation.pk) if phone else None
    return {
        "phone": show(phone),
        "opted_out": consent is not None and not consent.consents,
        "others": list(others.order_by("-updated_at")[:10]) if others is not None else [],
        "visits": [{"visit": visit, "contact": show(visit.contact),
                    "name": visit.first_name if revealed else masking.mask_name(visit.first_name)}
                   for visit in conversation.appointments.order_by("-start")[:10]],
        "labels": list(conversation.labels.all()),
        "notes": [(note, note.text if revealed else masking.mask_text(note.text)) for note in
                  Note.objects.filter(conversation=conversation).select_related("author")],
        "problems": deliveries.problems(conversation),
        "unsent": Outbox.objects.filter(conversation=conversation, state=Outbox.State.FAILED).count(),
    }


def _known_labels() -> list[str]:
    return list(Label.objects.order_by("name").values_list("name", flat=True).distinct()[:100])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _mark(html: str) -> str:
    """Return a short sign of what a panel says; the form token in it is new each time and does not count."""
    return live.mark(_TOKEN.sub("", html))
