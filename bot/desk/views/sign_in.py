"""Signing in and out: the password first, then the code."""

from __future__ import annotations

from django.contrib.auth import authenticate, get_user_model, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from bot.desk import audit, passkeys, second_factor, sessions, throttle
from bot.desk.gate import open_page, staff_page
from bot.settings import get_settings

TOO_MANY = gettext_lazy("Too many tries. Please wait 15 minutes and try again.")


@open_page
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login_page(request: HttpRequest) -> HttpResponse:
    """Show the sign-in page, or take a name and a password."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect("desk:queue")
        return _page(request)
    name, password = request.POST.get("name", "")[:150], request.POST.get("password", "")[:256]
    attempt = throttle.begin_try(name, audit.address_of(request), timezone.now())
    if attempt is None:
        audit.record(request, "sign_in_throttled")
        return _page(request, str(TOO_MANY), 429)
    user = authenticate(request, username=name, password=password)
    if user is None:
        audit.record(request, "sign_in_failed")
        return _page(request, _("The name or the password is wrong."), 401)
    throttle.forgive(attempt)
    target = safe_target(request, request.POST.get("next", ""))
    if second_factor.has_one(user):
        sessions.ask_for_code(request, user, target)
        return redirect("desk:code")
    sessions.start(request, user, with_factor=False)
    audit.record(request, "sign_in")
    return redirect(target)


@open_page
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """Ask whoever gave the right password for the code, and sign them in."""
    owed = sessions.pending(request)
    user = get_user_model().objects.filter(pk=owed["user"], is_active=True).first() if owed else None
    if owed is None or user is None or user.get_session_auth_hash() != owed["password"]:
        return redirect("desk:login")
    factors = {"has_app": second_factor.has_app(user), "has_passkey": bool(passkeys.of(user))}
    if request.method != "POST":
        return render(request, "desk/code.html", factors)
    now = timezone.now()
    attempt = throttle.begin_try(f"code of {user.pk}", audit.address_of(request), now, throttle.CODE_LIMIT)
    if attempt is None:
        audit.record(request, "code_throttled", detail=f"user {user.pk}")
        return render(request, "desk/code.html", {"problem": TOO_MANY, **factors}, status=429)
    how = second_factor.check(user, request.POST.get("code", "")[:40], now)
    if not how:
        audit.record(request, "code_failed", detail=f"user {user.pk}")
        return render(request, "desk/code.html", {
            **factors, "problem": _("That code is wrong or was used before. A new one comes every half minute."),
        }, status=401)
    throttle.forgive(attempt)
    sessions.start(request, user, with_factor=True)
    audit.record(request, "sign_in", detail=how)
    return redirect(owed["next"])


@require_POST
@staff_page(with_lent_password=True)
def logout_now(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    audit.record(request, "sign_out")
    sessions.forget(request)
    logout(request)
    return redirect("desk:login")


def safe_target(request: HttpRequest, target: str) -> str:
    """Return where to go after signing in: a page of the desk, and of no other site."""
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if ours and target.startswith("/desk/") else reverse("desk:queue")


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    target = request.POST.get("next") or request.GET.get("next", "")
    return render(request, "desk/login.html", {"problem": problem, "next": target,
                                               "passkeys": passkeys.possible(request),
                                               "sso": get_settings().env.oidc}, status=status)
