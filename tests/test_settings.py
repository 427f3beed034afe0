"""A wrong or missing setting: one line that names the file, the key and what is expected."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.settings import ROOT, SettingsError, load_clinic, load_settings

GOOD = (ROOT / "clinic.yml").read_text()


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "clinic.yml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("before, after, says", [
    ("country: US", "country: XX", "clinic.yml: country: expected one of US"),
    ("time_zone: America/New_York", "time_zone: Mars/Base", "clinic.yml: time_zone: expected an IANA time zone"),
    ('"09:00-17:00"', '"9-5"', "clinic.yml: hours: expected '9-5' is not of the form 09:00-17:00"),
    ("minutes: 30", "minutes: soon", "clinic.yml: services.0.minutes: value is not a valid integer"),
    ("phone:", "fone:", "clinic.yml: phone: missing"),
    ("danger: 2192", "danger: 30", "clinic.yml: retention.danger: ensure this value is greater than or equal to 2192"),
    ("sites: []", "sites: [clinic.example]", "clinic.yml: sites.0: expected an origin"),
    ("clinic: Harbor", "colour: blue\nclinic: Harbor", "clinic.yml: colour: not a setting that is known here"),
    ('quiet: "20:00-09:00"', "quiet: at night", "clinic.yml: texts.quiet: expected 'at night' is not of the form"),
    ("languages: [en, es]", "languages: [en, es", "clinic.yml: line"),
])
def test_a_mistake_is_named(tmp_path: Path, before: str, after: str, says: str) -> None:
    assert before in GOOD
    with pytest.raises(SettingsError) as caught:
        load_clinic(written(tmp_path, GOOD.replace(before, after, 1)))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nothing.yml: the file is missing"):
        load_clinic(tmp_path / "nothing.yml")


@pytest.mark.parametrize("name, value", [("BOT_PORT", "abc"), ("RASA_PORT", "70000"), ("RASA_TIMEOUT", "fast")])
def test_a_wrong_variable_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"environment: {name}: expected"):
        load_settings(environ={name: value, "BOT_VAR": str(tmp_path)})


@pytest.mark.parametrize("missing, says", [
    ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN: missing"), ("TWILIO_NUMBER", "TWILIO_NUMBER: missing")])
def test_half_an_account_is_named(tmp_path: Path, missing: str, says: str) -> None:
    whole = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x", "TWILIO_NUMBER": "+15550100134",
             "BOT_VAR": str(tmp_path)}
    assert not load_settings(environ=whole).env.uses_standin
    with pytest.raises(SettingsError, match=says):
        load_settings(environ={name: value for name, value in whole.items() if name != missing})


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = load_settings(environ={"BOT_VAR": str(tmp_path)}).env
    again = load_settings(environ={"BOT_VAR": str(tmp_path)}).env
    assert first.secret_key == again.secret_key != first.internal_token
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_every_variable_is_documented() -> None:
    import re

    source = "".join(path.read_text() for path in (ROOT / "bot/settings").glob("*.py"))
    used = set(re.findall(r'(?:values\.get\(|_port\(values, |_seconds\(values, )"([A-Z_]+)"', source))
    documented = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert used == documented


def test_hours_holidays_and_the_next_opening() -> None:
    clinic = load_clinic(ROOT / "clinic.yml")
    assert clinic.is_open(datetime(2026, 11, 23, 15, tzinfo=UTC))          # Monday, 10 am in New York
    assert not clinic.is_open(datetime(2026, 11, 23, 13, tzinfo=UTC))      # Monday, 8 am
    assert clinic.spans(date(2026, 11, 26)) == []                          # Thanksgiving
    assert clinic.opens(datetime(2026, 11, 25, 23, tzinfo=UTC)) == "Friday at 9:00 am"


def test_public_means_reachable_by_others(tmp_path: Path) -> None:
    local = load_settings(environ={"BOT_VAR": str(tmp_path)}).env
    public = load_settings(environ={"BOT_VAR": str(tmp_path), "PUBLIC_URL": "https://chat.clinic.example"}).env
    assert not local.is_public and public.is_public
