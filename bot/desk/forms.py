"""The desk's forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model, password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bot.desk.models import Role
from bot.records.models import Alert

CLEAR_CHOICES = [
    ("spoke_safe", _("A clinician spoke with the patient, who is safe for now")),
    ("in_care", _("The patient is in someone's care (911, emergency room, 988, own clinician)")),
    ("false_alarm", _("False alarm: the screen misread the message")),
    ("other", _("Another reason, in words")),
]
REVEAL_CHOICES = [
    ("call_back", _("To call or text the patient back")),
    ("welfare_check", _("To ask for a welfare check")),
    ("booking", _("To book or change a visit")),
    ("records", _("For the patient's record")),
    ("other", _("Another reason, in words")),
]


class _Reason(forms.Form):
    """A reason by code; "other" wants words."""

    reason = forms.ChoiceField(label=_("Reason"))
    words = forms.CharField(label=_("In words"), required=False, max_length=500)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == "other" and len(cleaned.get("words", "").strip()) < 5:
            raise ValidationError(_("Please say the reason in words."))
        return cleaned


class ClearForm(_Reason):
    """Why the block is lifted, and the newest message that the clinician had on the page."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", _("Choose a reason")), *CLEAR_CHOICES]  # type: ignore[attr-defined]


class RevealForm(_Reason):
    """Why somebody needs to see personal details."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", _("Choose a reason")), *REVEAL_CHOICES]  # type: ignore[attr-defined]


class ExportForm(RevealForm):
    """Why, and in what form, a transcript leaves the desk."""

    format = forms.ChoiceField(label=_("Format"), choices=[("pdf", "PDF"), ("csv", "CSV"), ("json", "JSON")])


class ReplyForm(forms.Form):
    """What a staff member writes to the patient."""

    text = forms.CharField(max_length=2000, strip=True)


class NoteForm(forms.Form):
    """What staff write for each other."""

    text = forms.CharField(max_length=2000, strip=True)


class OutcomeForm(forms.Form):
    """How an alert ended."""

    outcome = forms.ChoiceField(choices=[("", ""), *Alert.Outcome.choices], required=False)
    note = forms.CharField(max_length=2000, strip=True, required=False)


class PasswordForm(forms.Form):
    """One's own new password, and at the first time the name that patients see."""

    full_name = forms.CharField(label=_("Your name, as colleagues and patients see it"), max_length=120)
    old = forms.CharField(label=_("Current password"), strip=False, widget=forms.PasswordInput(
        attrs={"autocomplete": "current-password"}))
    new = forms.CharField(label=_("New password"), strip=False, widget=forms.PasswordInput(
        attrs={"autocomplete": "new-password", "minlength": "12"}))
    again = forms.CharField(label=_("New password again"), strip=False, widget=forms.PasswordInput(
        attrs={"autocomplete": "new-password"}))

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise ValidationError(_("That is not your current password."))
        return old

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        old, new, again = (cleaned.get(name) for name in ("old", "new", "again"))
        if new and again and new != again:
            self.add_error("again", _("The two passwords differ."))
        elif new and new == old:
            self.add_error("new", _("The new password must differ from the current one."))
        elif new:
            try:
                password_validation.validate_password(new, self.user)
            except ValidationError as error:
                self.add_error("new", error)
        return cleaned


class InviteForm(forms.Form):
    """A new staff member."""

    name = forms.RegexField(r"^[\w.@+-]+$", label=_("Sign-in name, or e-mail address"), max_length=100)
    full_name = forms.CharField(label=_("Full name, as patients see it"), max_length=120)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].lower()
        if get_user_model().objects.filter(username__iexact=name).exists():
            raise ValidationError(_("This name is taken."))
        return name
