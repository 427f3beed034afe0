"""Single sign-on by OpenID Connect, when the clinic has named a provider."""

from __future__ import annotations

import logging
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from joserfc.errors import JoseError

from bot.desk import audit, second_factor, sessions
from bot.desk.gate import open_page
from bot.desk.models import StaffProfile
from bot.settings import Oidc, get_settings

log = logging.getLogger(__name__)
# Signs in `amr` (RFC 8176) that the provider asked for more than a password.
STRONG = {"mfa", "otp", "hwk", "swk", "fpt", "face", "sc", "pop"}


@open_page
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    provider = _provider()
    try:
        return _client(provider).authorize_redirect(request, _return_address())  # type: ignore[no-any-return]
    except (AuthlibBaseError, requests.RequestException) as error:
        return _refused(request, "provider", _("The clinic's sign-on does not answer. Sign in with your password."),
                        error)


@open_page
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """Sign in whom the provider names, if they were invited."""
    provider = _provider()
    try:
        claims = dict(_client(provider).authorize_access_token(request).get("userinfo") or {})
    except (AuthlibBaseError, JoseError, requests.RequestException, ValueError) as error:
        return _refused(request, "token", _("The sign-on did not work. Please try again."), error)
    user = _account(provider, claims)
    if user is None:
        return _refused(request, "nobody", _("You have no account at this desk. An administrator can invite you."))
    strong = bool(STRONG & set(claims.get("amr") or ()))
    if not strong and second_factor.has_one(user):
        sessions.ask_for_code(request, user, reverse("desk:queue"))
        return redirect("desk:code")
    sessions.start(request, user, with_factor=strong)
    audit.record(request, "sign_in", detail="sso with second factor" if strong else "sso")
    return redirect("desk:queue")


def _account(provider: Oidc, claims: dict[str, Any]) -> Any | None:
    """Return the invited account of these claims; it is bound to the provider's own name at the first time."""
    subject, name = str(claims.get("sub", "")), str(claims.get(provider.claim, ""))
    if not subject:
        return None
    people = get_user_model().objects.filter(is_active=True)
    if known := people.filter(desk__sso_subject=subject).first():
        return known
    if not name or (provider.claim == "email" and claims.get("email_verified") is False):
        return None
    user = people.filter(username__iexact=name, desk__sso_subject=None).first()
    if user is not None:
        # Whoever signs in here needs no password of ours: the lent one is made useless.
        user.set_unusable_password()
        user.save(update_fields=["password"])
        StaffProfile.objects.filter(user=user).update(sso_subject=subject, must_change=False)
    return user


def _client(provider: Oidc) -> Any:
    oauth = OAuth()
    return oauth.register(
        name="clinic", client_id=provider.client_id, client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256", "timeout": 10})


def _provider() -> Oidc:
    provider = get_settings().env.oidc
    if provider is None:
        raise Http404
    return provider


def _return_address() -> str:
    return get_settings().env.public_url + reverse("desk:sso_back")


def _refused(request: HttpRequest, why: str, text: str, error: Exception | None = None) -> HttpResponse:
    if error is not None:
        log.warning("Single sign-on failed: %s", type(error).__name__)
    audit.record(request, "sso_failed", detail=why)
    return render(request, "desk/message.html", {"title": _("Not signed in"), "text": text}, status=403)
