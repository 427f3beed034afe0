"""A transcript leaves the desk: masked unless it was revealed, with a reason, and on record."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bot.desk import audit, masking, pdf, roles, steps, transcript
from bot.desk.cells import harmless
from bot.desk.forms import ExportForm
from bot.desk.gate import staff_page
from bot.desk.models import Note
from bot.desk.views.conversation import back_to, find, is_revealed
from bot.records.models import Conversation
from bot.settings import get_settings

TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/json"}
COLUMNS = ("id", "at", "from", "kind", "text", "tier", "category")


@require_POST
@staff_page(roles.ANSWER)
def export(request: HttpRequest, case: str) -> HttpResponse:
    """Return the whole transcript as a file."""
    conversation, form = find(case), ExportForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose a reason for the export."))
        return back_to(conversation)
    revealed, kind = is_revealed(request, conversation), form.cleaned_data["format"]
    if form.cleaned_data["words"].strip():
        steps.write_note(conversation, request.user, form.cleaned_data["words"].strip(), timezone.now(),
                         Note.Kind.EXPORT)
    audit.record(request, "export", conversation.case,
                 f"{kind} {'with details' if revealed else 'masked'} {form.cleaned_data['reason']}")
    body = _WRITERS[kind](conversation, revealed)
    response = HttpResponse(body, content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="case-{conversation.case}.{kind}"'
    return response


def _rows(conversation: Conversation, revealed: bool) -> list[dict[str, Any]]:
    known = transcript.known_details(conversation)
    rows = []
    for message in conversation.messages.select_related("verdict").order_by("id").iterator(500):
        verdict = getattr(message, "verdict", None)
        rows.append({
            "id": message.pk, "at": message.at.isoformat(), "from": message.sender, "kind": message.kind,
            "text": transcript.shown_text(message, known, revealed),
            "tier": verdict.tier if verdict else "", "category": verdict.category if verdict else ""})
    return rows


def _as_json(conversation: Conversation, revealed: bool) -> str:
    phone = conversation.phone or ""
    return json.dumps({
        "case": conversation.case, "channel": conversation.channel, "tier": conversation.tier,
        "phone": phone if revealed else masking.mask_contact(phone), "masked": not revealed,
        "exported_at": timezone.now().isoformat(), "messages": _rows(conversation, revealed)},
        ensure_ascii=False, indent=1)


def _as_csv(conversation: Conversation, revealed: bool) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for row in _rows(conversation, revealed):
        writer.writerow(row | {"text": harmless(row["text"])})
    return out.getvalue()


def _as_pdf(conversation: Conversation, revealed: bool) -> bytes:
    phone = conversation.phone or ""
    facts = [(_("Channel"), conversation.channel), (_("Begun"), _local(conversation.created_at)),
             (_("Highest urgency"), conversation.tier.replace("_", " ")),
             (_("Phone"), (phone if revealed else masking.mask_contact(phone)) or _("not known")),
             (_("Personal details"), _("shown") if revealed else _("masked")), (_("Exported"), _local(timezone.now()))]
    names = {"patient": _("Patient"), "bot": _("Assistant"), "staff": _("Staff")}
    lines = [pdf.Line(" · ".join(filter(None, [names[row["from"]], _local(datetime.fromisoformat(row["at"])),
                                               _verdict(row)])), row["text"]) for row in _rows(conversation, revealed)]
    return pdf.transcript(get_settings().clinic.clinic, f"{_('Case')} {conversation.case}", facts, lines)


def _verdict(row: dict[str, Any]) -> str:
    if row["tier"] in ("", "none"):
        return ""
    category = row["category"] if row["category"] != "none" else ""
    return " ".join(filter(None, [row["tier"], category])).replace("_", " ")


def _local(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M %Z")


_WRITERS: dict[str, Callable[[Conversation, bool], str | bytes]] = {
    "pdf": _as_pdf, "csv": _as_csv, "json": _as_json}
