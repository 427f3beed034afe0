"""Every answer is graded by its headers, as through TLS and the proxy; less than full marks fails."""

from __future__ import annotations

import re

import pytest

from tests.attacks.conftest import HOST, House
from tests.tools import Patient

pytestmark = pytest.mark.slow
# Marks that an answer loses; what a page has to show decides which apply.
HTML_ONLY = ("script", "style", "base", "form", "frame")


def policy(headers: dict[str, str]) -> dict[str, list[str]]:
    """Return the content policy by its directives."""
    parts = (part.split() for part in headers.get("content-security-policy", "").split(";") if part.strip())
    return {part[0]: part[1:] for part in parts}


def lost(headers: dict[str, str]) -> list[str]:
    """Return what an answer's headers leave open."""
    csp = policy(headers)
    rest = csp.get("default-src", ["*"])
    script, style = csp.get("script-src", rest), csp.get("style-src", rest)
    loose = ("*", "http:", "https:", "data:", "blob:", "'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'")
    checks = {
        "no default-src 'none'": rest == ["'none'"],
        "scripts from anywhere": not any(word in loose for word in script),
        "styles from anywhere": not any(word in loose for word in style),
        "another base": csp.get("base-uri") in (["'none'"], ["'self'"]),
        "forms to anywhere": csp.get("form-action") in (["'none'"], ["'self'"]),
        "framed": csp.get("frame-ancestors") == ["'none'"] and headers.get("x-frame-options", "").upper() == "DENY",
        "sniffed": headers.get("x-content-type-options") == "nosniff",
        "referrer": headers.get("referrer-policy") in ("no-referrer", "same-origin", "strict-origin"),
        "downgraded": "max-age=63072000" in headers.get("strict-transport-security", ""),
        "opened by others": headers.get("cross-origin-opener-policy") == "same-origin",
        "sensors": "camera=()" in headers.get("permissions-policy", ""),
        "says its make": not re.search(r"\d", headers.get("server", "")) and "x-powered-by" not in headers,
        "read by any site": headers.get("access-control-allow-origin") in (None,),
    }
    return [name for name, held in checks.items() if not held]


@pytest.mark.parametrize("path", [
    "/demo/", "/desk/login/", "/desk/", "/desk/nothing/", "/v/made-up", "/w/made-up", "/feeds/made-up.ics", "/fhir/$bulk-publish",
    "/api/messages", "/api/conversations", "/api/events", "/healthz", "/nothing", "/sms/inbound", "/static/nothing.css"])
def test_every_answer_has_full_marks(house: House, path: str) -> None:
    status, headers, _ = house.nginx.ask("GET", path, Origin="https://evil.example")
    assert status < 500 and lost(headers) == [], (status, headers)
    assert "set-cookie" not in headers or path.startswith("/desk/")


def test_the_widgets_script_may_be_loaded_by_the_clinics_site_and_says_no_more(house: House) -> None:
    _, headers, _ = house.nginx.ask("GET", "/widget.js")
    assert lost(headers) == ["read by any site"] and headers["cross-origin-resource-policy"] == "cross-origin"


def test_an_answer_to_a_patient_is_kept_nowhere(house: House) -> None:
    token = Patient(house.service.base).token
    status, headers, _ = house.nginx.ask("GET", "/api/messages?after=0", Authorization=f"Bearer {token}")
    assert (status, headers["cache-control"]) == (200, "no-store") and lost(headers) == []


def test_the_desks_cookies_are_for_the_desk_over_tls(house: House) -> None:
    _, headers, _ = house.nginx.ask("GET", "/desk/login/")
    for cookie in headers["set-cookie"].split("\n"):
        assert "Secure" in cookie and "Path=/desk/" in cookie and re.search("SameSite=(Lax|Strict)", cookie), cookie
    assert HOST not in headers.get("set-cookie", "")


def test_the_grade_would_notice() -> None:
    assert len(lost({})) > 10
    assert lost({"content-security-policy": "default-src 'none'; script-src 'unsafe-inline'"})[0] == "scripts from anywhere"
