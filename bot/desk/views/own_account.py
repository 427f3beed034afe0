"""One's own account: name and password, the authenticator app, and where one is signed in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bot.desk import audit, passkeys, second_factor, sessions, throttle
from bot.desk.accounts import must_change
from bot.desk.forms import PasswordForm
from bot.desk.gate import staff_page
from bot.desk.models import DeskSession, StaffProfile
from bot.records.fields import decrypt, encrypt
from bot.settings import get_settings


@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(with_lent_password=True)
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; a one-time password lets nobody past this page."""
    user: Any = request.user
    form = PasswordForm(user, request.POST or None, initial={"full_name": user.get_full_name()})
    if request.method == "POST" and form.is_valid():
        first, _space, last = form.cleaned_data["full_name"].strip().partition(" ")
        user.first_name, user.last_name = first, last
        user.set_password(form.cleaned_data["new"])
        user.save(update_fields=["password", "first_name", "last_name"])
        StaffProfile.objects.update_or_create(user=user, defaults={"must_change": False})
        sessions.end_all(user, but=request.session.session_key)
        sessions.forget(request)
        update_session_auth_hash(request, user)
        sessions.note(request)
        audit.record(request, "password_changed")
        messages.success(request, _("Your password is changed. Other sessions of yours are ended."))
        return redirect("desk:queue")
    return render(request, "desk/password.html", {"form": form, "first_time": must_change(user)})


@sensitive_post_parameters("code", "old_code")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(without_factor=True)
def set_up_app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app, or another one in its place, and show the paper codes once."""
    user: Any = request.user
    kept = decrypt(request.session.get("new_secret"))
    if kept is None:
        kept = second_factor.new_secret()
        request.session["new_secret"] = encrypt(kept)
    problem = _take_code(request, user, kept) if request.method == "POST" else ""
    if isinstance(problem, list):
        return render(request, "desk/recovery_codes.html", {"codes": problem})
    secret = " ".join(kept[start:start + 4] for start in range(0, len(kept), 4))
    clinic = get_settings().clinic.clinic
    return render(request, "desk/second_factor.html", {
        "secret": secret, "problem": problem, "replaces": second_factor.has_app(user),
        "offers_passkey": passkeys.possible(request) and not second_factor.has_one(user),
        # Made here from a random secret and our own names; segno escapes both.
        "picture": mark_safe(second_factor.qr_svg(kept, user.get_username(), clinic))},
        status=400 if problem else 200)


def _take_code(request: HttpRequest, user: Any, secret: str) -> str | list[str]:
    """Return the paper codes when the app is set up, or what is wrong."""
    now = timezone.now()
    attempt = throttle.begin_try(f"code of {user.pk}", audit.address_of(request), now, throttle.CODE_LIMIT)
    if attempt is None:
        return _("Too many tries. Please wait 15 minutes and try again.")
    if second_factor.has_app(user) and not second_factor.check(user, request.POST.get("old_code", "")[:40], now):
        return _("The code of the app that you have now is wrong or was used before.")
    if not sessions.is_fresh(request) and second_factor.has_one(user) and not second_factor.has_app(user):
        return _("To add an app, sign out and in again first: so it is you who adds it.")
    codes = second_factor.set_up(user, secret, request.POST.get("code", "")[:40], now)
    if codes is None:
        return _("That code does not fit. Check that the phone's clock is right, and type the newest code.")
    throttle.forgive(attempt)
    del request.session["new_secret"]
    request.session["factor"] = True
    sessions.end_all(user, but=request.session.session_key)
    sessions.renew_key(request)
    audit.record(request, "app_set_up")
    return codes


@require_safe
@staff_page()
def signed_in(request: HttpRequest) -> HttpResponse:
    """List where one is signed in."""
    return render(request, "desk/sessions.html", {
        "sessions": sessions.of(request.user), "here": request.session.session_key,
        "passkeys": passkeys.of(request.user), "passkeys_possible": passkeys.possible(request),
        "has_app": second_factor.has_app(request.user),
        "codes_left": request.user.recovery_codes.count()})  # type: ignore[union-attr]


@require_POST
@staff_page()
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions."""
    row = get_object_or_404(DeskSession, pk=pk, user=request.user)
    sessions.end(row)
    audit.record(request, "end_session", detail=f"session {pk}")
    return redirect("desk:sessions")
