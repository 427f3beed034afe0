"""What the web channel says when something did not work, in every language and country."""

from __future__ import annotations

import re

import pytest

from bot.channels import wording
from bot.settings import ROOT, get_settings, read_yaml

TEXTS = read_yaml(wording.FILE)
COUNTRIES = sorted(path.stem.upper() for path in (ROOT / "data/screening/resources").glob("*.yml"))
CODES = {code for name in ("web", "stream", "refusals")
         for code in re.findall(r'(?:Refused\(\d+, |error\(request, \d+, |say\()"(\w+)"',
                                (ROOT / f"bot/channels/{name}.py").read_text())}


def test_both_languages_say_everything_that_the_code_may_say() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["es"])
    assert {"token", "too_long", "fault", "origin"} <= CODES <= set(TEXTS["en"])


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("name", ["fault", "origin", "too_many", "too_long"])
def test_where_a_message_may_be_lost_help_is_named_with_the_countrys_own_lines(
        monkeypatch: pytest.MonkeyPatch, country: str, name: str) -> None:
    from bot.settings import Settings

    known = get_settings()
    monkeypatch.setattr(wording, "get_settings",
                        lambda: Settings(known.clinic.copy(update={"country": country}), known.env))
    for language in ("en", "es"):
        said = wording.say(name, language)
        assert "{" not in said
        assert wording._lines(country).phrase("lifeline", language) in said
    if country == "GB":
        assert "911" not in said and "999" in said


def test_a_language_that_is_not_there_is_english() -> None:
    assert wording.say("token", "fr") == wording.say("token", "en")
