"""Reads the environment; what cannot be right is refused with one line that names the variable."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from .environment import Environment, Oidc, Processes
from .files import SettingsError


def dotenv(path: Path) -> dict[str, str]:
    """Return the variables of a `.env` file; empty when there is none."""
    if not path.is_file():
        return {}
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines()
             if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def environment(root: Path, values: Mapping[str, str]) -> Environment:
    """Return the environment of the project in `root`; raises `SettingsError`."""
    var = Path(values.get("BOT_VAR", root / "var"))
    port = _port(values, "BOT_PORT", 8000)
    return Environment(
        database_url=values.get("DATABASE_URL") or f"sqlite:///{var / 'bot.sqlite3'}",
        redis_url=_redis(values),
        secret_key=values.get("SECRET_KEY") or _kept_secret(var / "secret_key"),
        internal_token=values.get("BOT_INTERNAL_TOKEN") or _kept_secret(var / "internal_token"),
        field_key=values.get("FIELD_KEY") or _kept_secret(var / "field_key"),
        host=values.get("BOT_HOST", "127.0.0.1"),
        port=port,
        rasa_port=_port(values, "RASA_PORT", 5005),
        actions_port=_port(values, "ACTIONS_PORT", 5055),
        processes=_processes(values),
        public_url=values.get("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        rasa_timeout=_seconds(values, "RASA_TIMEOUT", 6.0),
        twilio_account_sid=values.get("TWILIO_ACCOUNT_SID") or None,
        twilio_auth_token=_twilio_token(values) or _kept_secret(var / "demo_twilio_token"),
        twilio_number=_twilio_number(values.get("TWILIO_NUMBER", "")),
        twilio_messaging_service_sid=values.get("TWILIO_MESSAGING_SERVICE_SID") or None,
        standin_port=_port(values, "STANDIN_PORT", 5105),
        email_url=values.get("EMAIL_URL") or None,
        oidc=_oidc(values),
        debug=values.get("DEBUG", "") == "1",
        var=var,
        models=Path(values.get("BOT_MODELS", root / "models")),
        models_sha256=values.get("MODELS_SHA256") or None,
    )


def _oidc(values: Mapping[str, str]) -> Oidc | None:
    """Return the identity provider, or None when none is named; raises `SettingsError` when half of it is."""
    issuer = values.get("OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    local = urlsplit(issuer).hostname in ("127.0.0.1", "localhost")
    if not issuer.startswith("https://") and not local:
        raise SettingsError("environment: OIDC_ISSUER: expected an https address")
    client, secret = values.get("OIDC_CLIENT_ID"), values.get("OIDC_CLIENT_SECRET")
    if not client or not secret:
        missing = "OIDC_CLIENT_SECRET" if client else "OIDC_CLIENT_ID"
        raise SettingsError(f"environment: {missing}: missing, since OIDC_ISSUER is set")
    return Oidc(issuer, client, secret,
                values.get("OIDC_CLAIM") or "email", values.get("OIDC_LABEL") or "the clinic's sign-on")


def _twilio_token(values: Mapping[str, str]) -> str | None:
    """Return Twilio's secret; raises `SettingsError` for an account that could neither be checked nor sent from."""
    if values.get("TWILIO_ACCOUNT_SID"):
        if not values.get("TWILIO_AUTH_TOKEN"):
            raise SettingsError("environment: TWILIO_AUTH_TOKEN: missing, while TWILIO_ACCOUNT_SID is set")
        if not (values.get("TWILIO_NUMBER") or values.get("TWILIO_MESSAGING_SERVICE_SID")):
            raise SettingsError("environment: TWILIO_NUMBER: missing, while TWILIO_ACCOUNT_SID is set "
                                "(or set TWILIO_MESSAGING_SERVICE_SID)")
    return values.get("TWILIO_AUTH_TOKEN") or None


def _twilio_number(text: str) -> str | None:
    """Return the clinic's number as Twilio wants it, or None; raises `SettingsError` when it is no such number."""
    number = re.sub(r"[\s().-]", "", text)
    if number and not re.fullmatch(r"\+[1-9]\d{6,14}|\d{3,8}", number):
        raise SettingsError(f"environment: TWILIO_NUMBER: expected a number such as +12125550142, found {text!r}")
    return number or None


def _processes(values: Mapping[str, str]) -> Processes:
    """Return how many of each process to run; raises `SettingsError`, also where they need what is not there."""
    return Processes(
        web=_count(values, "WEB_PROCESSES", values.get("WEB_PROCESSES")),
        rasa=_count(values, "RASA_PROCESSES", values.get("RASA_PROCESSES")),
        actions=_count(values, "ACTIONS_PROCESSES", values.get("ACTIONS_PROCESSES")),
        worker=_count(values, "WORKER_PROCESSES", values.get("WORKER_PROCESSES")))


def _count(values: Mapping[str, str], name: str, text: str | None) -> int:
    text = text or "1"
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise SettingsError(f"environment: {name}: expected a number from 1 to 64, found {text!r}")
    if int(text) > 1 and not values.get("DATABASE_URL", "").startswith("postgres"):
        raise SettingsError(f"environment: {name}: more than one needs PostgreSQL; set DATABASE_URL")
    return int(text)


def _redis(values: Mapping[str, str]) -> str | None:
    url = values.get("REDIS_URL") or None
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("environment: REDIS_URL: expected redis://host:port/number")
    return url


def _port(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"environment: {name}: expected a port number, found {text!r}")
    return int(text)


def _seconds(values: Mapping[str, str], name: str, default: float) -> float:
    text = values.get(name) or str(default)
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"environment: {name}: expected seconds, found {text!r}") from None


def _kept_secret(path: Path) -> str:
    """Return the secret kept in a file of this machine, made at the first start."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="utf-8").strip()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        return path.read_text(encoding="utf-8").strip()
