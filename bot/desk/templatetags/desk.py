"""What the desk's templates need beside their own context."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bot.desk import masking, queue, roles, wording
from bot.desk.drafts import read_content
from bot.records.models import Tier

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_frame(context: dict[str, Any]) -> dict[str, Any]:
    """Return what every page's frame shows: the clinic, the user's abilities, the draft banner."""
    user = context["request"].user
    if not user.is_authenticated:
        return {"clinic": clinic_name()}
    return {"clinic": clinic_name(), "may": roles.abilities(user), "draft": read_content().is_draft,
            "open_alerts": queue.count_open_alerts(), "name": roles.display_name(user)}


def clinic_name() -> str:
    """Return the clinic's name."""
    from bot.settings import get_settings

    return get_settings().clinic.clinic


@register.filter
def words(code: str) -> str:
    """Return a code such as `check_in` or `crisis.self_harm` as words."""
    return wording.in_words(code)


@register.filter
def kind(code: str) -> str:
    """Return the kind of a reply as words: a crisis reply is help that was shown."""
    return str(wording.KINDS.get(code, words(code)))


@register.filter
def masked(text: str) -> str:
    """Return a patient's words with personal details dotted out."""
    return masking.mask_text(text)


@register.filter
def last_word(detail: str) -> str:
    """Return the code at the end of an audit row's detail, as words."""
    return words(detail.rpartition(" ")[2])


@register.filter
def plus(one: int, other: int) -> int:
    """Return a sum."""
    return one + other


@register.filter
def percent(share: float | None) -> str:
    """Return a share between 0 and 1 as a percentage."""
    return "–" if share is None else f"{100 * share:.0f} %"


@register.filter
def cause(reason: str) -> str:
    """Return an alert's reason without the tier, which stands beside it: `crisis.self_harm`: `self harm`."""
    tier, _, category = reason.partition(".")
    return words(category if category and tier in Tier.values else reason)


@register.filter
def staff_name(user: Any) -> str:
    """Return the name that colleagues see."""
    return roles.display_name(user) if user else _("somebody")


@register.filter
def browser(agent: str) -> str:
    """Return the browser and system of a user agent in two words."""
    named = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
    systems = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
               ("Mac OS", "Mac"), ("Linux", "Linux")]
    found = (next((name for sign, name in pairs if sign in agent), "") for pairs in (named, systems))
    return ", ".join(filter(None, found)) or agent[:40] or "–"


@register.filter
def ago(at: datetime | None) -> SafeString | str:
    """Return a time that the page's script keeps as an age, and that reads as a clock time without it."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html('<time datetime="{}" title="{}" data-age>{}</time>', at.isoformat(),
                       local.strftime("%Y-%m-%d %H:%M:%S %Z"), date_format(local, "M j, H:i"))


@register.filter
def clock(at: datetime | None) -> SafeString | str:
    """Return day and time in the clinic's zone."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    shape = "H:i" if local.date() == timezone.localdate() else "M j, H:i"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(),
                       local.strftime("%Y-%m-%d %H:%M:%S %Z"), date_format(local, shape))


@register.simple_tag
def late(priority: str, since: datetime, now: datetime) -> bool:
    """Return whether an alert waits longer than its target."""
    return queue.is_late(priority, since, now)


@register.simple_tag
def zone() -> str:
    """Return the clinic's time zone."""
    return str(settings.TIME_ZONE)
