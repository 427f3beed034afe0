"""The audit: who saw or did what, when and from where. It never holds patients' words."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest

from bot.records.models import AuditRow


def address_of(request: HttpRequest) -> str | None:
    """Return the address that the request came from, or None if it is unknown."""
    found = request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(found))
    except ValueError:
        return None


def record(request: HttpRequest, action: str, case: str = "", detail: str = "") -> None:
    """Add one row; `detail` is codes, counts and ids only."""
    user = request.user if request.user.is_authenticated else None
    AuditRow.objects.create(actor=user, action=action, case=case, detail=detail[:200],
                            address=address_of(request))
