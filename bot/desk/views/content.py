"""What is unsigned, expired or missing in what the assistant says."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bot.desk.drafts import read_content
from bot.desk.gate import staff_page


@require_safe
@staff_page()
def page(request: HttpRequest) -> HttpResponse:
    """List the findings, as `bot doctor` prints them."""
    content = read_content(fresh=True)
    levels: dict[str, list[str]] = {}
    for level, text in content.findings:
        levels.setdefault(level, []).append(text)
    return render(request, "desk/content.html", {"content": content, "levels": levels})
