"""Making a passkey, signing in with one, taking one away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bot.desk import audit, passkeys, second_factor, sessions, throttle
from bot.desk.gate import open_page, staff_page, user_of
from bot.desk.models import Passkey
from bot.desk.views.sign_in import TOO_MANY, safe_target
from bot.settings import get_settings

_ASKED = "passkey_asked"  # where the session keeps the challenge, which is good for one answer


@require_POST
@staff_page(without_factor=True)
def ask_to_make(request: HttpRequest) -> HttpResponse:
    """Return what the browser needs to make a passkey."""
    options, request.session[_ASKED] = passkeys.ask_to_make(request, user_of(request), get_settings().clinic.clinic)
    return HttpResponse(options, content_type="application/json")


@require_POST
@staff_page(without_factor=True)
def make(request: HttpRequest) -> HttpResponse:
    """Keep the passkey that the browser made; the first factor of somebody comes with paper codes."""
    user, asked = user_of(request), request.session.pop(_ASKED, None)
    if second_factor.has_one(user) and not sessions.is_fresh(request):
        messages.error(request, _("To add a passkey, sign out and in again first: so it is you who adds it."))
        return redirect("desk:sessions")
    try:
        made = passkeys.make(request, user, asked, request.POST.get("answer", ""), request.POST.get("name", ""),
                             timezone.now())
    except passkeys.NotGood:
        audit.record(request, "passkey_failed", detail="making")
        messages.error(request, _("That did not work: no passkey was made. Please try again."))
        return redirect("desk:sessions" if request.session.get("factor") else "desk:second_factor")
    is_first = not request.session.get("factor")
    request.session["factor"] = True
    sessions.renew_key(request)
    audit.record(request, "passkey_made", detail=f"passkey {made.pk}")
    if is_first or not user.recovery_codes.exists():
        return render(request, "desk/recovery_codes.html", {"codes": second_factor.new_recovery_codes(user)})
    messages.success(request, _("The passkey is made. From now on it signs you in."))
    return redirect("desk:sessions")


@require_POST
@staff_page()
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of one's own passkeys; the last factor stays."""
    key, user = get_object_or_404(Passkey, pk=pk, user=user_of(request)), user_of(request)
    if len(passkeys.of(user)) == 1 and not second_factor.has_app(user):
        messages.error(request, _("This is your only second factor. Set up another one first."))
    else:
        key.delete()
        audit.record(request, "passkey_removed", detail=f"passkey {pk}")
        messages.success(request, _("The passkey is forgotten here. Delete it on your device too."))
    return redirect("desk:sessions")


@require_POST
@open_page
def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Return what the browser needs to prove a passkey: of whoever gave the password, or of anybody."""
    options, request.session[_ASKED] = passkeys.ask_to_sign_in(request, _pending_user(request))
    return HttpResponse(options, content_type="application/json")


@require_POST
@open_page
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in whose passkey the browser proves."""
    owed, now = sessions.pending(request), timezone.now()
    attempt = throttle.begin_try("passkey", audit.address_of(request), now)
    if attempt is None:
        audit.record(request, "passkey_throttled")
        return _refused(request, str(TOO_MANY), 429)
    try:
        key = passkeys.check(request, request.session.pop(_ASKED, None), request.POST.get("answer", ""), now)
    except passkeys.NotGood:
        audit.record(request, "passkey_failed", detail=f"user {owed['user']}" if owed else "")
        return _refused(request, _("That passkey is not known here, or it did not answer in time."), 401)
    if owed and owed["user"] != key.user_id:
        audit.record(request, "passkey_failed", detail=f"user {owed['user']}")
        return _refused(request, _("That is the passkey of somebody else."), 401)
    throttle.forgive(attempt)
    target = owed["next"] if owed else safe_target(request, request.POST.get("next", ""))
    sessions.start(request, key.user, with_factor=True)
    audit.record(request, "sign_in", detail="password and passkey" if owed else "passkey")
    return redirect(target or reverse("desk:queue"))


def _pending_user(request: HttpRequest) -> Any | None:
    owed = sessions.pending(request)
    return owed["user"] if owed else None


def _refused(request: HttpRequest, text: str, status: int) -> HttpResponse:
    return render(request, "desk/message.html", {"title": _("Not signed in"), "text": text}, status=status)
