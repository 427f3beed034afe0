"""The forms of the desk's calendar."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bot.scheduling.reading import take_contact
from bot.settings import get_settings

REASONS = [
    ("", _("No reason given")),
    *((word, word) for word in (_("Meeting"), _("Leave"), _("Room in use"), _("Other"))),
]


class FindForm(forms.Form):
    """For whom, for what and when, as people say it."""

    first_name = forms.CharField(label=_("First name"), max_length=60)
    contact = forms.CharField(label=_("Phone or e-mail"), max_length=120)
    service = forms.ChoiceField(label=_("Service"))
    when = forms.CharField(label=_("Days or times"), required=False, max_length=100,
                           help_text=_("such as “thursday after 2”; empty: the first ones free"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = [  # type: ignore[attr-defined]
            (service.id, service.name) for service in get_settings().clinic.services]

    def clean_contact(self) -> str:
        contact, _rest = take_contact(self.cleaned_data["contact"], get_settings().clinic.country)
        if contact is None:
            raise ValidationError(_("Please give a phone number or an e-mail address."))
        return contact


class BlockForm(forms.Form):
    """A time to keep free."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    begins = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}))
    whom = forms.ChoiceField(label=_("For"), required=False)
    reason = forms.ChoiceField(label=_("Reason"), choices=REASONS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clinic = get_settings().clinic
        rooms = sorted({room for service in clinic.services for room in service.rooms})
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            ("", _("The whole clinic")), *((f"staff:{member.id}", member.name) for member in clinic.staff),
            *((f"room:{room}", room) for room in rooms)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("begins") and cleaned.get("ends") and cleaned["begins"] >= cleaned["ends"]:
            raise ValidationError(_("The end is before the beginning."))
        return cleaned

    def span(self) -> tuple[datetime, datetime]:
        """Return the two ends in the clinic's zone."""
        zone, data = get_settings().clinic.zone, self.cleaned_data
        return (datetime.combine(data["day"], data["begins"], zone), datetime.combine(data["day"], data["ends"], zone))


def week_of(day: Any) -> Any:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())
