"""What every answer tells browsers, unless its page says otherwise: run nothing, embed nothing, guess nothing."""

from __future__ import annotations

from collections.abc import Iterable

HEADERS = {
    b"content-security-policy": b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")

Header = tuple[bytes, bytes]


def with_defaults(given: Iterable[Header], https: bool) -> list[Header]:
    """Return an answer's headers with those of ours that it lacks; names are lower case."""
    out = list(given)
    there = {name.lower() for name, _ in out}
    out += [(name, value) for name, value in HEADERS.items() if name not in there]
    if https and STRICT_TRANSPORT[0] not in there:
        out.append(STRICT_TRANSPORT)
    return out
