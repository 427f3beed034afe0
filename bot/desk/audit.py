"""The audit: who saw or did what, when and from where. It never holds patients' words."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest

from bot.records.models import AuditRow


def is_address(text: str) -> bool:
    """Return whether a text is an internet address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def address_of(request: HttpRequest) -> str | None:
    """Return the address that the request came from, or None if it is unknown."""
    found = request.META.get("REMOTE_ADDR", "")
    return str(ipaddress.ip_address(found)) if is_address(found) else None


def record(request: HttpRequest, action: str, case: str = "", detail: str = "") -> None:
    """Add one row; `detail` is codes, counts and ids only."""
    user = request.user if request.user.is_authenticated else None
    AuditRow.objects.create(actor=user, action=action, case=case, detail=detail[:200],
                            address=address_of(request))
