"""The widget's script, and the demo page with a clinic around it."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

import yaml
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bot.settings import Clinic, get_settings
from bot.widget.script import widget_script

HERE = Path(__file__).resolve().parent
# Shows that the widget needs no exception: no inline script or style, no other host, no markup from text.
DEMO_CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'")
ASSETS = {"demo.css": "text/css", "demo.js": "text/javascript"}


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Return `widget.js`; a browser asks again after five minutes and is told when nothing changed."""
    plain, packed, tag = _script()
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    gzipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(packed if gzipped else plain, content_type="text/javascript; charset=utf-8")
    if gzipped:
        response["Content-Encoding"] = "gzip"
    return _public(response, tag)


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Return a clinic's page with the widget on it and a phone for text messages beside it."""
    settings = get_settings()
    clinic = settings.clinic
    response = render(request, "widget/demo.html", {
        "clinic": clinic, "hours": _hours(clinic),
        "with_phone": settings.env.uses_standin})
    response["Content-Security-Policy"] = DEMO_CSP
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def demo_asset(request: HttpRequest, name: str) -> HttpResponse:
    """Return the demo page's style sheet or script."""
    body = (HERE / "static" / "widget" / name).read_bytes()
    return HttpResponse(body, content_type=f"{ASSETS[name]}; charset=utf-8")


def widget_defaults(clinic: Clinic) -> dict[str, object]:
    """Return the settings that the widget has without a single data attribute."""
    lines = yaml.safe_load((HERE / "lines.yml").read_text(encoding="utf-8"))["lines"]
    return {"clinic": clinic.clinic, "phone": clinic.phone, "languages": list(clinic.languages),
            "lines": lines[clinic.country]}


@lru_cache(maxsize=1)
def _script() -> tuple[bytes, bytes, str]:
    """Return the script plain and gzipped, and its tag (a weak one, since it stands for both)."""
    body = widget_script(widget_defaults(get_settings().clinic))
    return body, gzip.compress(body, mtime=0), f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


def _public(response: HttpResponse, tag: str) -> HttpResponse:
    """Let any site load the script, which holds nothing private."""
    response["Cache-Control"] = "public, max-age=300"
    response["ETag"] = tag
    response["Vary"] = "Accept-Encoding"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _hours(clinic: Clinic) -> list[tuple[str, str]]:
    """Return each open day with its hours, as people write them."""
    return [(day.capitalize(), ", ".join(map(_span, spans))) for day, spans in clinic.hours.items()]


def _span(span: str) -> str:
    return " – ".join(_clock(part.strip()) for part in span.split("-"))


def _clock(text: str) -> str:
    hour, minute = int(text[:2]), text[3:5]
    shown = f"{hour % 12 or 12}" + ("" if minute == "00" else f":{minute}")
    return f"{shown} {'am' if hour < 12 else 'pm'}"
