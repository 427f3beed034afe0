"""Where people are signed in, and ending it."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils import timezone

from bot.desk import audit
from bot.desk.models import DeskSession

KEEP_PENDING = 300  # seconds between the password and the code
FRESH = 15 * 60  # seconds after the sign-in in which one may add another factor


def start(request: HttpRequest, user: Any, with_factor: bool) -> None:
    """Sign somebody in and start the clocks of idle log-off and of the longest session."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    now = int(time.time())
    request.session["since"] = request.session["seen"] = now
    if with_factor:
        request.session["factor"] = True
    request.session.pop("pending", None)
    note(request)


def note(request: HttpRequest) -> None:
    """Write down that this session is in use; call it when its key has changed, too."""
    if request.session.session_key is None:
        request.session.save()
    user: Any = request.user
    DeskSession.objects.update_or_create(
        key=request.session.session_key,
        defaults={"user": user, "seen": timezone.now()},
        create_defaults={"user": user, "address": audit.address_of(request),
                         "agent": request.headers.get("User-Agent", "")[:200]})


def is_fresh(request: HttpRequest) -> bool:
    """Return whether the sign-in was a moment ago, so that whoever finds an open desk adds no factor of their own."""
    return time.time() - float(request.session.get("since", 0)) < FRESH


def forget(request: HttpRequest) -> None:
    """Strike this session off the list; whoever calls ends it."""
    DeskSession.objects.filter(key=request.session.session_key or "").delete()


def renew_key(request: HttpRequest) -> None:
    """Give the session a new key, so that one seen before a change of rights is worth nothing."""
    forget(request)
    request.session.cycle_key()
    note(request)


def of(user: Any) -> list[DeskSession]:
    """Return somebody's sessions, the newest first; those that have ended by themselves are forgotten."""
    rows = list(DeskSession.objects.filter(user=user).order_by("-seen"))
    alive = [row for row in rows if SessionStore().exists(row.key)]
    DeskSession.objects.filter(pk__in=[row.pk for row in rows if row not in alive]).delete()
    return alive


def end(row: DeskSession) -> None:
    """End one session at once."""
    SessionStore(row.key).delete()
    row.delete()


def end_all(user: Any, but: str | None = None) -> int:
    """End somebody's sessions, all but one if a key is named, and return how many."""
    rows = list(DeskSession.objects.filter(user=user).exclude(key=but or ""))
    for row in rows:
        end(row)
    return len(rows)


def ask_for_code(request: HttpRequest, user: Any, target: str) -> None:
    """Remember that the right password was given, until the code comes."""
    request.session.cycle_key()
    request.session["pending"] = {"user": user.pk, "at": int(time.time()), "next": target,
                                  "password": user.get_session_auth_hash()}


def pending(request: HttpRequest) -> dict[str, Any] | None:
    """Return who gave the right password moments ago and still owes the code."""
    found = request.session.get("pending")
    return found if found and time.time() - found["at"] < KEEP_PENDING else None
