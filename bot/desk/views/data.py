"""A person's records as a whole: held for a court, erased at their wish, with a certificate."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bot.desk import audit, erasure, roles, steps
from bot.desk.gate import staff_page, user_of
from bot.desk.models import Certificate, Note
from bot.desk.views.conversation import back_to, find
from bot.records.models import Conversation
from bot.settings import get_settings

WHY_KEPT = {
    "danger": gettext_lazy("danger was read in it: kept as documentation of what was done"),
    "alert": gettext_lazy("a person of the clinic was called to it: kept as documentation of what was done"),
    "hold": gettext_lazy("it is held for a legal matter: kept until that is over"),
}
ALSO_KEPT = {
    "audit": gettext_lazy("Who opened or changed these records, and when (no words of the patient): six years"),
    "consent": gettext_lazy("Whether this phone wants texts, so that a wish to get none stays honoured"),
    "visits": gettext_lazy("Booked and past visits with first name and contact: part of the clinic's own chart, "
                           "for as long as it keeps that"),
    "phone": gettext_lazy("The phone number, with the conversations that are kept"),
}


@require_POST
@staff_page(roles.DATA)
def hold(request: HttpRequest, case: str) -> HttpResponse:
    """Hold a conversation against erasure and purge, or let go of it, for a reason in words."""
    conversation, words = find(case), request.POST.get("words", "").strip()[:500]
    if len(words) < 5:
        messages.error(request, _("Please say the reason in words."))
        return back_to(conversation, "data")
    now = timezone.now()
    held = conversation.held_at is None
    Conversation.objects.filter(pk=conversation.pk).update(held_at=now if held else None)
    steps.write_note(conversation, request.user, words, now, Note.Kind.HOLD)
    audit.record(request, "hold" if held else "release", conversation.case)
    return back_to(conversation, "data")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(roles.DATA)
def erase(request: HttpRequest, case: str) -> HttpResponse:
    """Say what would be erased and kept, and erase once the case number is typed."""
    conversation = find(case)
    people = erasure.person_of(conversation)
    if request.method == "POST":
        if request.POST.get("typed", "").strip().upper() == conversation.case:
            made = erasure.erase_person(conversation, user_of(request), get_settings().clinic.retention, timezone.now())
            for each in people:
                audit.record(request, "erase", each.case, f"certificate {made.pk}")
            return redirect("desk:certificate", pk=made.pk)
        messages.error(request, _("Nothing was erased: that is not the case number."))
    audit.record(request, "view", conversation.case, "what can be erased")
    return render(request, "desk/erase.html", {
        "conversation": conversation,
        "found": [(each, [WHY_KEPT[reason] for reason in erasure.records.reasons_to_keep(each)]) for each in people]})


@require_safe
@staff_page(roles.DATA)
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a certificate, to be printed for the person."""
    made = get_object_or_404(Certificate.objects.select_related("author"), pk=pk)
    audit.record(request, "view_certificate", made.case, f"certificate {pk}")
    return render(request, "desk/certificate.html", {
        "made": made, "clinic": get_settings().clinic,
        "lines": [line | {"why": [WHY_KEPT[code] for code in line["kept"]]} for line in made.body["conversations"]],
        "also_kept": [ALSO_KEPT[code] for code in made.body["also_kept"]],
        "exports": sum(len(line["exports"]) for line in made.body["conversations"])})
