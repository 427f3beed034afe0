"""Passkeys (WebAuthn): a second factor that no imitated page can ask for, or both factors in one."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.desk.models import Passkey

LONGEST = 16 * 1024  # characters of an answer that are looked at
_VERIFY = UserVerificationRequirement.REQUIRED


class NotGood(Exception):
    """What the browser sent proves nothing: forged, of another site, outdated, or of nobody's passkey."""


def possible(request: HttpRequest) -> bool:
    """Return whether browsers have passkeys at this address: a name with TLS, or `localhost`."""
    host = _host(request)
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure() or host == "localhost"
    return False


def of(user: Any) -> list[Passkey]:
    """Return somebody's passkeys, the oldest first."""
    return list(Passkey.objects.filter(user=user).order_by("id"))


def ask_to_make(request: HttpRequest, user: Any, clinic: str) -> tuple[str, dict[str, Any]]:
    """Return what the browser needs to make a passkey, as JSON, and what to remember until it answers."""
    whose = PublicKeyCredentialUserEntity(
        id=salted_hmac("desk.passkey", str(user.pk), algorithm="sha256").digest(), name=user.get_username(),
        display_name=user.get_full_name() or user.get_username())
    options, state = _server(request, clinic).register_begin(
        whose, [_data(key) for key in of(user)], resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=_VERIFY)
    return json.dumps(dict(options)), state


def make(request: HttpRequest, user: Any, state: Mapping[str, Any] | None, answer: str, name: str,
         now: datetime) -> Passkey:
    """Keep the passkey that the browser made; raises `NotGood`."""
    read = _read(answer)
    try:
        made = _server(request).register_complete(state or {}, read).credential_data
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotGood from error
    if made is None or Passkey.objects.filter(credential=made.credential_id.hex()).exists():
        raise NotGood
    return Passkey.objects.create(user=user, credential=made.credential_id.hex(), data=bytes(made),
                                  name=name.strip()[:40], made_at=now)


def ask_to_sign_in(request: HttpRequest, user: Any | None) -> tuple[str, dict[str, Any]]:
    """Return what the browser needs to prove a passkey of this person, or of whoever it is (None)."""
    known = [_data(key) for key in of(user)] if user is not None else None
    options, state = _server(request).authenticate_begin(known, user_verification=_VERIFY)
    return json.dumps(dict(options)), state


def check(request: HttpRequest, state: Mapping[str, Any] | None, answer: str, now: datetime) -> Passkey:
    """Return the passkey that the browser proved; raises `NotGood`, also for a copied one."""
    read = _read(answer)
    try:
        said = AuthenticationResponse.from_dict(read)
        key = Passkey.objects.select_related("user").get(credential=said.raw_id.hex(), user__is_active=True)
        _server(request).authenticate_complete(state or {}, [_data(key)], read)
        count = said.response.authenticator_data.counter
    except (ValueError, KeyError, TypeError, AttributeError, Passkey.DoesNotExist) as error:
        raise NotGood from error
    # One that counts must count on, or there are two of it; many never count and stay at nought. One
    # statement, so that two at once cannot both pass.
    rising = Passkey.objects.filter(pk=key.pk) if not count else Passkey.objects.filter(pk=key.pk, count__lt=count)
    if (key.count and not count) or not rising.update(count=count, used_at=now):
        raise NotGood
    return key


def _server(request: HttpRequest, clinic: str = "desk") -> Fido2Server:
    """Return the library's server for the address that the request was made to (Django checked it)."""
    whole = f"{request.scheme}://{request.get_host()}"
    return Fido2Server(PublicKeyCredentialRpEntity(id=_host(request), name=f"{clinic} desk"),
                       verify_origin=partial(str.__eq__, whole))


def _host(request: HttpRequest) -> str:
    host = request.get_host()
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _data(key: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(key.data))


def _read(answer: str) -> dict[str, Any]:
    try:
        read = json.loads(answer[:LONGEST])
    except ValueError as error:
        raise NotGood from error
    if not isinstance(read, dict):
        raise NotGood
    return read
