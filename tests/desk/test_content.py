"""What is unsigned, and the banner that says so on every page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType

import pytest
from bot.desk import drafts
from django.test import Client

pytestmark = pytest.mark.django_db
BANNER = "Draft content: not signed by a clinician"


@dataclass(frozen=True)
class Finding:
    level: str
    text: str


@pytest.fixture()
def doctor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[Finding]], None]]:
    """Return a function that says what the content check finds."""

    def say(found: list[Finding]) -> None:
        module = ModuleType("bot.commands.doctor")
        module.findings = lambda: found  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "bot.commands.doctor", module)
        monkeypatch.setattr(drafts, "_kept", None)

    yield say
    drafts._kept = None


def test_findings_are_listed_and_the_banner_hangs(enter: Callable[..., Client],
                                                  doctor: Callable[[list[Finding]], None]) -> None:
    doctor([Finding("warning", "data/answers/caveats.yml: K-FDA: not signed"), Finding("error", "no <phone>")])
    html = enter().get("/desk/content/").content.decode()
    assert "K-FDA: not signed" in html
    assert "no &lt;phone&gt;" in html
    assert BANNER in html


def test_no_banner_when_all_is_signed(enter: Callable[..., Client],
                                      doctor: Callable[[list[Finding]], None]) -> None:
    doctor([Finding("warning", "No e-mail server is set")])
    assert BANNER not in enter().get("/desk/").content.decode()


def test_a_check_that_fails_counts_as_unsigned(enter: Callable[..., Client], monkeypatch: pytest.MonkeyPatch,
                                               doctor: Callable[[list[Finding]], None]) -> None:
    doctor([])
    monkeypatch.setitem(sys.modules, "bot.commands.doctor", None)  # an import of it fails
    html = enter().get("/desk/content/").content.decode()
    assert BANNER in html
    assert "could not be run" in html
