"""Words that staff put on a conversation to find it again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bot.desk import audit, masking, roles
from bot.desk.gate import staff_page, user_of
from bot.desk.models import Label
from bot.desk.views.conversation import back_to, find
from bot.records import store


@require_POST
@staff_page(roles.ANSWER)
def add(request: HttpRequest, case: str) -> HttpResponse:
    """Put a label on a conversation; the queue shows it, so it must not name the patient."""
    conversation, name = find(case), " ".join(request.POST.get("name", "").lower().split())[:30]
    if not name or masking.mask_text(name) != name:
        messages.error(request, _("A label is a word or two, without names, numbers or addresses of a person."))
        return back_to(conversation, "labels")
    Label.objects.get_or_create(conversation=conversation, name=name, defaults={"author": user_of(request)})
    store.touch(conversation)
    audit.record(request, "label", conversation.case)
    return back_to(conversation, "labels")


@require_POST
@staff_page(roles.ANSWER)
def remove(request: HttpRequest, case: str, pk: int) -> HttpResponse:
    """Take a label off."""
    conversation = find(case)
    get_object_or_404(Label, pk=pk, conversation=conversation).delete()
    store.touch(conversation)
    audit.record(request, "unlabel", conversation.case)
    return back_to(conversation, "labels")
