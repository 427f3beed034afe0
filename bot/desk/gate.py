"""Every desk page passes here: headers, sign-in, idle log-off, one-time password, second factor, ability."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect

from bot.desk import audit, roles, second_factor, sessions
from bot.desk.accounts import must_change

View = Callable[..., HttpResponse]

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
IDLE_MINUTES = 30
LONGEST_HOURS = 12
# A live request is sent by the page, not by a person: it says itself whether somebody was there.
LIVE, ACTIVE = "X-Desk-Live", "X-Desk-Active"


def open_page(view: View) -> View:
    """Wrap a page that a stranger may see: the sign-in page."""

    guarded = csrf_protect(view)

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _with_headers(guarded(request, *args, **kwargs))

    return gated


def staff_page(ability: str | None = None, *, with_lent_password: bool = False,
               without_factor: bool = False) -> Callable[[View], View]:
    """Wrap a page for people who are signed in and, if an ability is named, have it.

    Two steps of the first sign-in are pages themselves: one's own password, then the second factor.
    """

    def wrap(view: View) -> View:
        # The check of the form token is a view's hook, which a hand-made middleware stack never calls.
        guarded = csrf_protect(view)

        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            refusal = _refusal(request, ability, with_lent_password, without_factor or with_lent_password)
            return _with_headers(refusal or guarded(request, *args, **kwargs))

        cast(Any, gated).is_staff_page = True
        return gated

    return wrap


def _refusal(request: HttpRequest, ability: str | None, with_lent_password: bool,
             without_factor: bool) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return _to_sign_in(request)
    if _is_over(request):
        audit.record(request, "signed_off_idle")
        return _sign_off(request)
    if not with_lent_password and must_change(request.user):
        return redirect("desk:password")
    if not request.session.get("factor"):
        if second_factor.has_one(request.user):  # set up elsewhere since this session began: it never gave a code
            return _sign_off(request)
        if not without_factor:
            return redirect("desk:second_factor")
    if ability and ability not in roles.abilities(request.user):
        audit.record(request, "refused", detail=f"{ability} {request.method}")
        return render(request, "desk/message.html", {
            "title": _("Not allowed"), "text": _("Your role does not allow this. A manager can help.")},
            status=403)
    return None


def _sign_off(request: HttpRequest) -> HttpResponse:
    sessions.forget(request)
    logout(request)
    return _to_sign_in(request)


def user_of(request: HttpRequest) -> Any:
    """Return who is signed in, on a page that lets nobody else in."""
    return request.user


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    login = reverse("desk:login")
    if request.headers.get(LIVE):
        return JsonResponse({"signed_off": True, "login": login}, status=401)
    if request.method != "GET" or request.path == reverse("desk:queue"):
        return redirect(login)
    return redirect(f"{login}?{urlencode({'next': request.path})}")


def _is_over(request: HttpRequest) -> bool:
    """Return whether the session idled or lasted too long; otherwise note that somebody is there."""
    now = int(time.time())
    idle = 60 * int(getattr(settings, "DESK_IDLE_MINUTES", IDLE_MINUTES))
    seen, since = request.session.get("seen", 0), request.session.get("since", 0)
    if now - seen > idle or now - since > 3600 * LONGEST_HOURS:
        return True
    present = not request.headers.get(LIVE) or request.headers.get(ACTIVE) == "1"
    if present and now - seen > 30:  # not at every request: each is a write
        request.session["seen"] = now
        sessions.note(request)
    return False


def _with_headers(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    return response
