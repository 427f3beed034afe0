"""Secrets come from the environment or files, and weak ones stop a start that others can reach."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT, SettingsError, load_settings

PUBLIC = {"PUBLIC_URL": "https://chat.clinic.example"}
GOOD = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "BOT_INTERNAL_TOKEN", "FIELD_KEY")}


def load(tmp_path: Path, **more: str) -> str:
    """Return the complaint of a public start with these variables, "" when there is none."""
    try:
        load_settings(tmp_path, {"BOT_VAR": str(tmp_path / "var"), "CLINIC_FILE": str(ROOT / "clinic.yml"), **PUBLIC, **more})
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name, value", [
    ("SECRET_KEY", "too-few"), ("SECRET_KEY", "a" * 64), ("SECRET_KEY", "changeme" * 8), ("SECRET_KEY", "password1234" * 4),
    ("SECRET_KEY", "django-insecure-secret-key-for-dev"), ("FIELD_KEY", "abcdefghijklmnopqrstuvwxyz123456"),
    ("BOT_INTERNAL_TOKEN", "any-sixteen-letters"), ("BOT_INTERNAL_TOKEN", "0" * 40),
    ("TWILIO_AUTH_TOKEN", "x"), ("TWILIO_AUTH_TOKEN", "aaaaaaaaaaaaaaaaaaaa"),
    ("DATABASE_URL", "postgres://bot:bot@db/bot"), ("DATABASE_URL", "postgres://bot:passwordpassword@db/bot"),
    ("REDIS_URL", "redis://:redis@cache/0"), ("EMAIL_URL", "smtps://a:qwertyuiop12@mail:465")])
def test_a_weak_secret_stops_a_public_start_and_is_not_shown(tmp_path: Path, name: str, value: str) -> None:
    said = load(tmp_path, **{**GOOD, name: value})
    assert said.startswith(f"environment: {name}: ") and ("guess" in said or "shorter" in said)
    assert value not in said
    local = {"BOT_VAR": str(tmp_path / "local"), name: value}
    assert load_settings(environ=local)  # on one's own machine it will do


def test_strong_ones_and_those_that_are_made_pass(tmp_path: Path) -> None:
    assert load(tmp_path, **GOOD) == "" == load(tmp_path)
    assert load(tmp_path, **GOOD, DATABASE_URL=f"postgres://bot:{secrets.token_urlsafe(24)}@db/bot") == ""


def test_one_value_for_two_secrets_is_refused(tmp_path: Path) -> None:
    assert "a value of its own" in load(tmp_path, **{**GOOD, "FIELD_KEY": GOOD["SECRET_KEY"]})


def test_an_address_of_this_machine_that_others_reach_counts_as_public(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        load_settings(environ={"BOT_VAR": str(tmp_path), "BOT_HOST": "0.0.0.0", "SECRET_KEY": "short"})


def test_secrets_are_read_from_files(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(GOOD["SECRET_KEY"] + "\n")
    values = {"BOT_VAR": str(tmp_path), "SECRET_KEY_FILE": str(file)}
    assert load_settings(environ=values).env.secret_key == GOOD["SECRET_KEY"]
    with pytest.raises(SettingsError, match="SECRET_KEY: set twice"):
        load_settings(environ={**values, "SECRET_KEY": "x"})
    with pytest.raises(SettingsError, match=r"FIELD_KEY_FILE: .*cannot be read"):
        load_settings(environ={**values, "FIELD_KEY_FILE": str(tmp_path / "none")})
    file.write_text("\n")
    with pytest.raises(SettingsError, match="is empty"):
        load_settings(environ=values)


@pytest.mark.parametrize("name", [".env", "var/secret_key", "var/field_key"])
def test_files_that_others_can_read_are_refused(tmp_path: Path, name: str) -> None:
    assert load(tmp_path) == ""
    (tmp_path / name).touch()
    (tmp_path / name).chmod(0o640)
    assert f"chmod 600 {tmp_path / name}" in load(tmp_path)


@pytest.mark.parametrize("more, says", [
    ({"DEBUG": "1"}, "DEBUG"), ({"PUBLIC_URL": "http://chat.clinic.example"}, "must be https")])
def test_other_mistakes_stop_a_public_start(tmp_path: Path, more: dict[str, str], says: str) -> None:
    assert says in load(tmp_path, **more)


def test_the_start_itself_is_refused_with_one_line(tmp_path: Path) -> None:
    environment = {**os.environ, **PUBLIC, "BOT_VAR": str(tmp_path), "SECRET_KEY": "changeme", "PYTHONPATH": str(ROOT)}
    for command in (["-m", "bot", "run", "--no-train"], ["-m", "bot.records.worker"], ["-m", "bot.dialogue.serve"],
                    ["-m", "uvicorn", "bot.site.asgi:application", "--port", "0"]):
        done = subprocess.run([sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 1, command
        assert "SECRET_KEY: it is shorter" in done.stderr and "changeme" not in done.stderr


def test_nothing_in_the_project_holds_a_secret() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    names = ("secret_key", "field_key", "internal_token", ".env")
    assert not [path for path in listed if Path(path).name in names or path.endswith((".pem", ".key", ".sqlite3"))]
