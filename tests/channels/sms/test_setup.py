"""What is pasted into Twilio's console, and the page that says where."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from bot.channels.service import replies_for
from bot.channels.sms.setup import fallback_twiml, opt_out_texts, setup_sheet
from bot.commands.doctor import _clinic
from bot.gsm7 import is_gsm7, segments
from bot.settings import ROOT, SettingsError, get_settings, load_settings

REPLIES, SETTINGS = replies_for("US"), get_settings()


def test_the_fallback_needs_nothing_of_ours() -> None:
    texts = [node.text or "" for node in ElementTree.fromstring(fallback_twiml(REPLIES, SETTINGS.clinic)).iter("Message")]
    assert len(texts) == len(SETTINGS.clinic.languages)
    for text in texts:
        assert "911" in text and "988" in text and SETTINGS.clinic.phone in text
        assert is_gsm7(text) and segments(text) <= 2


def test_the_page_has_the_texts_as_they_are() -> None:
    page = (ROOT / "docs" / "sms.md").read_text()
    for language in ("en", "es"):
        for word, text in opt_out_texts(REPLIES, SETTINGS.clinic, timezone.now(), language).items():
            assert text in page, (language, word)
            assert "911" in text and "988" in text and "ketamine" not in text.lower()


def test_the_sheet_names_addresses_and_leaves_yes_alone() -> None:
    public = replace(SETTINGS, env=replace(SETTINGS.env, public_url="https://chat.clinic.example"))
    sheet = setup_sheet(public, REPLIES, timezone.now())
    assert "https://chat.clinic.example/sms/inbound" in sheet
    assert "YES" not in sheet and "ALTO, PARAR" in sheet


@pytest.mark.parametrize("written, meant", [
    ("+1 (212) 555-0142", "+12125550142"), ("+1.212.555.0142", "+12125550142"), ("894546", "894546"), ("", None)])
def test_the_clinics_number_may_be_written_as_people_do(tmp_path: Path, written: str, meant: str | None) -> None:
    found = load_settings(environ={"BOT_VAR": str(tmp_path), "TWILIO_NUMBER": written})
    assert found.env.twilio_number == meant


@pytest.mark.parametrize("written", ["212-555-0142", "+1 212 CLINIC", "MG123"])
def test_what_is_no_number_stops_the_start_with_one_line(tmp_path: Path, written: str) -> None:
    with pytest.raises(SettingsError, match="TWILIO_NUMBER: expected a number such as"):
        load_settings(environ={"BOT_VAR": str(tmp_path), "TWILIO_NUMBER": written})


def test_the_doctor_knows_an_address_that_no_signature_fits() -> None:
    env = replace(SETTINGS.env, public_url="https://chat.clinic.example/sms/inbound")
    assert any("without /sms/inbound" in finding.text for finding in _clinic(replace(SETTINGS, env=env)))


def test_the_doctor_knows_half_an_account() -> None:
    env = replace(SETTINGS.env, twilio_account_sid="SK123")
    said = [finding.text for finding in _clinic(replace(SETTINGS, env=env)) if finding.topic == "sms"]
    assert any("expected an account's SID" in text for text in said) and any("PUBLIC_URL" in text for text in said)
