"""Staff accounts: invited, lent a new password, given a role, ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bot.desk import accounts, audit, roles, second_factor, sessions
from bot.desk.forms import InviteForm
from bot.desk.gate import staff_page
from bot.desk.models import Role, StaffProfile


@require_safe
@staff_page(roles.ACCOUNTS)
def page(request: HttpRequest) -> HttpResponse:
    """List the accounts."""
    audit.record(request, "view_staff")
    return _page(request, InviteForm())


@require_POST
@staff_page(roles.ACCOUNTS)
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account and show its one-time password, once."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    user, password = accounts.invite(**form.cleaned_data)
    audit.record(request, "invite", detail=f"user {user.pk} {form.cleaned_data['role']}")
    return _page(request, InviteForm(), lent=(user, password))


@require_POST
@staff_page(roles.ACCOUNTS)
def lend(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody a new one-time password, which ends their sessions."""
    user = get_object_or_404(get_user_model(), pk=pk)
    password = accounts.lend_password(user)
    audit.record(request, "lend_password", detail=f"user {user.pk}")
    return _page(request, InviteForm(), lent=(user, password))


@require_POST
@staff_page(roles.ACCOUNTS)
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody who lost the phone set up a new app, with a new one-time password; ends their sessions."""
    user = get_object_or_404(get_user_model(), pk=pk)
    second_factor.remove(user)
    password = accounts.lend_password(user)
    audit.record(request, "reset_app", detail=f"user {user.pk}")
    return _page(request, InviteForm(), lent=(user, password))


@require_POST
@staff_page(roles.ACCOUNTS)
def sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    """End all sessions of somebody."""
    user = get_object_or_404(get_user_model(), pk=pk)
    ended = sessions.end_all(user, but=request.session.session_key)
    audit.record(request, "sign_off", detail=f"user {user.pk} {ended} sessions")
    messages.success(request, _("%(count)s sessions are ended.") % {"count": ended})
    return redirect("desk:staff")


@require_POST
@staff_page(roles.ACCOUNTS)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an account, or open it again; what it did stays on record."""
    user = get_object_or_404(get_user_model(), pk=pk)
    if _is_last_administrator(user):
        messages.error(request, _("The last administrator cannot be ended."))
    else:
        user.is_active = not user.is_active
        user.save(update_fields=["is_active"])
        sessions.end_all(user)
        audit.record(request, "open_account" if user.is_active else "end_account", detail=f"user {user.pk}")
    return redirect("desk:staff")


@require_POST
@staff_page(roles.ACCOUNTS)
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody another role."""
    user, wanted = get_object_or_404(get_user_model(), pk=pk), request.POST.get("role", "")
    if wanted not in Role.values or (wanted != Role.ADMINISTRATOR and _is_last_administrator(user)):
        messages.error(request, _("That role cannot be given here."))
        return redirect("desk:staff")
    user.is_superuser = wanted == Role.ADMINISTRATOR
    user.save(update_fields=["is_superuser"])
    StaffProfile.objects.update_or_create(user=user, defaults={"role": wanted}, create_defaults={
        "role": wanted, "must_change": False})
    audit.record(request, "role", detail=f"user {user.pk} {wanted}")
    return redirect("desk:staff")


def _is_last_administrator(user: Any) -> bool:
    others = get_user_model().objects.filter(Q(is_superuser=True), is_active=True).exclude(pk=user.pk)
    return user.is_superuser and user.is_active and not others.exists()


def _page(request: HttpRequest, form: InviteForm, lent: tuple[Any, str] | None = None,
          status: int = 200) -> HttpResponse:
    people = get_user_model().objects.select_related("desk", "second_factor").annotate(
        session_count=Count("desk_sessions", distinct=True),
        passkey_count=Count("passkeys", distinct=True)).order_by("-is_active", "username")
    return render(request, "desk/staff.html", {"people": people, "form": form, "lent": lent,
                                               "roles": Role.choices}, status=status)
