"""A staff member steps in, writes to the patient, and hands back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bot.channels import staff
from bot.desk import audit, roles, steps
from bot.desk.forms import ReplyForm
from bot.desk.gate import staff_page, user_of
from bot.desk.views.conversation import back_to, find
from bot.records.models import Conversation


@require_POST
@staff_page(roles.ANSWER)
def take(request: HttpRequest, case: str) -> HttpResponse:
    """Take the conversation over: the assistant is silent from now on, save for danger."""
    conversation, user = find(case), user_of(request)
    try:
        staff.take_over(conversation, user)
    except staff.NotYours:
        return _not_yours(request, conversation)
    audit.record(request, "take_over", conversation.case)
    return back_to(conversation, "reply")


@require_POST
@staff_page(roles.ANSWER)
def send(request: HttpRequest, case: str) -> HttpResponse:
    """Send a reply under one's own name."""
    conversation, form, user = find(case), ReplyForm(request.POST), user_of(request)
    if not form.is_valid():
        messages.error(request, _("Nothing was sent: a reply needs between 1 and 2,000 characters."))
        return back_to(conversation, "reply")
    text = form.cleaned_data["text"]
    if steps.is_repeat(conversation, user, text, timezone.now()):
        return back_to(conversation, "reply")
    try:
        message = staff.send_staff_reply(conversation, user, text)
    except staff.NotYours:
        return _not_yours(request, conversation, text)
    audit.record(request, "reply", conversation.case, f"message {message.pk}")
    return back_to(conversation, "reply")


@require_POST
@staff_page(roles.ANSWER)
def back(request: HttpRequest, case: str) -> HttpResponse:
    """Hand the conversation back to the assistant."""
    conversation, user = find(case), user_of(request)
    try:
        staff.hand_back(conversation, user)
    except staff.NotYours:
        return _not_yours(request, conversation)
    audit.record(request, "hand_back", conversation.case)
    return back_to(conversation)


def _not_yours(request: HttpRequest, conversation: Conversation, draft: str = "") -> HttpResponse:
    conversation.refresh_from_db()
    owner = roles.display_name(conversation.owner) if conversation.owner else ""
    text = (_("%(name)s is answering this conversation. Nothing was sent.") % {"name": owner} if owner
            else _("Nobody has taken this conversation over yet. Nothing was sent."))
    return render(request, "desk/message.html", {
        "title": _("Not sent"), "text": text, "draft": draft, "case": conversation.case}, status=409)
