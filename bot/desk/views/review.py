"""Judging what the assistant did: a mark, a second opinion that does not see the first, and how often they agree."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bot.desk import audit, corrections, masking, transcript, wording
from bot.desk.filters import CATEGORIES
from bot.desk.gate import staff_page, user_of
from bot.desk.models import Review
from bot.records.models import Message

Mark = Review.Mark
OF_PATIENT = (Mark.MISSED, Mark.FALSE_ALARM, Mark.GOOD)
OF_BOT = (Mark.WRONG, Mark.SHOULD_ANSWER, Mark.GOOD)
SHOWN = 100


class ReviewForm(forms.Form):
    """A judgement; which fields it has depends on who wrote the message."""

    mark = forms.ChoiceField(label=gettext_lazy("Judgement"), widget=forms.RadioSelect)
    tier = forms.ChoiceField(label=gettext_lazy("The right urgency"), required=False,
                             choices=[("", "…"), *reversed(wording.TIERS.items())])
    category = forms.ChoiceField(
        label=gettext_lazy("The right category"), required=False,
        choices=[("", "…"), *((name, wording.CATEGORIES[name]) for name in ("none", *CATEGORIES))])
    topic = forms.ChoiceField(label=gettext_lazy("What it was about"), required=False)

    def __init__(self, message: Message, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        by_patient = message.sender == Message.Sender.PATIENT
        for name in ("topic",) if by_patient else ("tier", "category"):
            del self.fields[name]
        marks = OF_PATIENT if by_patient else OF_BOT
        self.fields["mark"].choices = [(mark.value, mark.label) for mark in marks]  # type: ignore[attr-defined]
        if not by_patient:
            listed = [(key, f"{title} ({key})") for key, title in corrections.topics()]
            nothing = (corrections.NO_TOPIC, _("Nothing that the articles say"))
            wanted = (_("No question; the patient wanted"), list(corrections.intents()))
            self.fields["topic"].choices = [("", "…"), nothing, (_("A question about"), listed), wanted]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, str]:
        cleaned = super().clean() or {}
        needs: dict[str, str] = {Mark.MISSED: "tier", Mark.FALSE_ALARM: "tier", Mark.WRONG: "topic",
                                 Mark.SHOULD_ANSWER: "topic"}
        needed = needs.get(str(cleaned.get("mark")))
        if needed and not cleaned.get(needed):
            raise ValidationError(_("Please say what it should have been."))
        if cleaned.get("mark") == Mark.GOOD:
            cleaned |= {"tier": "", "category": "", "topic": ""}
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """Judge one message; others' judgements show once one's own is given."""
    found = get_object_or_404(Message.objects.select_related("conversation", "verdict", "answers")
                              .exclude(sender="staff"), pk=pk)
    user = user_of(request)
    own = Review.objects.filter(message=found, reviewer=user).first()
    given = {"mark": own.mark, "tier": own.tier, "category": own.category, "topic": own.topic} if own else None
    form = ReviewForm(found, request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        Review.objects.update_or_create(message=found, reviewer=user, defaults=form.cleaned_data)
        audit.record(request, "review", found.conversation.case, f"message {pk} {form.cleaned_data['mark']}")
        messages.success(request, _("Your judgement is kept."))
        return redirect("desk:review_message", pk=pk)
    audit.record(request, "view", found.conversation.case, f"message {pk}")
    others = Review.objects.filter(message=found).exclude(reviewer=user).select_related("reviewer") if own else []
    context = list(found.conversation.messages.filter(id__lt=found.pk).order_by("-id")[:3])[::-1]
    known = transcript.known_details(found.conversation)
    return render(request, "desk/review_message.html", {
        "message": found, "text": transcript.shown_text(found, known, revealed=False),
        "form": form, "own": own, "others": list(others),
        "verdict": getattr(found, "verdict", None),
        "context": [(each, transcript.shown_text(each, known, revealed=False)) for each in context]})


@require_safe
@staff_page()
def page(request: HttpRequest) -> HttpResponse:
    """List what wants a second opinion, what is disputed, and what is agreed."""
    rows = Review.objects.select_related("message__conversation").order_by("id")
    agreement = corrections.measure(rows)
    mine = set(Review.objects.filter(reviewer=user_of(request)).values_list("message", flat=True))
    single: list[dict[str, Any]] = []
    disputed: list[dict[str, Any]] = []
    agreed: list[dict[str, Any]] = []
    for key, reviews in sorted(corrections.by_message(rows).items(), reverse=True):
        shared = corrections.agreed(reviews)
        line = {"message": reviews[0].message, "text": masking.mask_text(reviews[0].message.text)[:160],
                "count": len(reviews), "mine": key in mine, "shared": shared}
        (agreed if shared else disputed if len(reviews) > 1 else single).append(line)
    audit.record(request, "view_review", detail=f"{len(single) + len(disputed) + len(agreed)} messages")
    marks = dict(Review.objects.values_list("mark").annotate(number=Count("id")))
    return render(request, "desk/review.html", {
        "agreement": agreement, "single": single[:SHOWN], "disputed": disputed[:SHOWN], "agreed": agreed[:SHOWN],
        "marks": [(mark.label, marks.get(mark.value, 0)) for mark in Mark]})

