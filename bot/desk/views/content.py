"""What is unsigned, expired or missing in what the assistant says."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bot.desk.drafts import read_content
from bot.desk.gate import staff_page

LEVELS = {"error": 0, "warning": 1, "note": 2}


@require_safe
@staff_page()
def page(request: HttpRequest) -> HttpResponse:
    """List the findings, as `bot doctor` prints them."""
    content = read_content()
    topics: dict[str, list[tuple[str, str]]] = {}
    for level, topic, text in sorted(content.findings, key=lambda finding: LEVELS.get(finding[0], 0)):
        topics.setdefault(topic, []).append((level, text))
    return render(request, "desk/content.html", {"content": content, "topics": topics})
