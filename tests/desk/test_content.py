"""What is unsigned, and the banner that says so on every page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from types import ModuleType

import pytest
from django.test import Client

from bot.desk import drafts

pytestmark = pytest.mark.django_db
BANNER = "Draft content: not signed by a clinician"


@dataclass(frozen=True)
class Finding:
    level: str
    topic: str
    text: str


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Finding]], None]:
    """Return a function that says what the content check finds."""

    def say(found: list[Finding]) -> None:
        module = ModuleType("bot.commands.doctor")
        module.findings = lambda: found  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "bot.commands.doctor", module)
        drafts.check_now()

    return say


def test_findings_are_listed_and_the_banner_hangs(enter: Callable[..., Client],
                                                  doctor: Callable[[list[Finding]], None]) -> None:
    doctor([Finding("warning", "draft", "caveats.yml: K-FDA"), Finding("error", "alerts", "no <phone>")])
    html = enter().get("/desk/content/").content.decode()
    assert "caveats.yml: K-FDA" in html
    assert "no &lt;phone&gt;" in html
    assert BANNER in html


def test_no_banner_when_all_is_signed(enter: Callable[..., Client],
                                      doctor: Callable[[list[Finding]], None]) -> None:
    doctor([Finding("warning", "mail", "No e-mail server is set: nothing is signed")])
    assert BANNER not in enter().get("/desk/").content.decode()


def test_a_check_that_fails_counts_as_unsigned(enter: Callable[..., Client],
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bot.commands.doctor", None)  # an import of it fails
    drafts.check_now()
    html = enter().get("/desk/content/").content.decode()
    assert BANNER in html
    assert "could not be run" in html


def test_a_page_never_waits_for_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    started, may_end, ended = Event(), Event(), Event()

    def slow() -> drafts.Content:
        started.set()
        may_end.wait(10)
        ended.set()
        return drafts.Content(known=True)

    monkeypatch.setattr(drafts, "_check", slow)
    monkeypatch.setattr(drafts, "_due", 0.0)
    monkeypatch.setattr(drafts, "_kept", drafts.Content())
    assert drafts.read_content().is_draft  # at once, and on the safe side
    assert started.wait(10)
    assert not ended.is_set()
    may_end.set()
    assert ended.wait(10)
