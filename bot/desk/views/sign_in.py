"""Signing in and out, and one's own password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from bot.desk import audit, throttle
from bot.desk.accounts import must_change
from bot.desk.forms import PasswordForm
from bot.desk.gate import open_page, staff_page, start_session
from bot.desk.models import StaffProfile


@open_page
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login_page(request: HttpRequest) -> HttpResponse:
    """Show the sign-in page, or sign in."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect("desk:queue")
        return _page(request)
    name, password = request.POST.get("name", "")[:150], request.POST.get("password", "")[:256]
    attempt = throttle.begin_try(name, audit.address_of(request), timezone.now())
    if attempt is None:
        audit.record(request, "sign_in_throttled")
        return _page(request, _("Too many tries. Please wait 15 minutes and try again."), 429)
    user = authenticate(request, username=name, password=password)
    if user is None:
        audit.record(request, "sign_in_failed")
        return _page(request, _("The name or the password is wrong."), 401)
    throttle.forgive(attempt)
    login(request, user)
    start_session(request)
    audit.record(request, "sign_in")
    return redirect(_safe_next(request))


@require_POST
@staff_page(with_lent_password=True)
def logout_now(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    audit.record(request, "sign_out")
    logout(request)
    return redirect("desk:login")


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
        update_session_auth_hash(request, user)
        audit.record(request, "password_changed")
        messages.success(request, _("Your password is changed. Other sessions of yours are ended."))
        return redirect("desk:queue")
    return render(request, "desk/password.html", {"form": form, "first_time": must_change(user)})


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    target = request.POST.get("next") or request.GET.get("next", "")
    return render(request, "desk/login.html", {"problem": problem, "next": target}, status=status)


def _safe_next(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if ours and target.startswith("/desk/") else reverse("desk:queue")
