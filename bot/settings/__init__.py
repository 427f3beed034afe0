"""`clinic.yml` and the environment, as one typed object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.secret_values import BadSecret, refuse_weak, with_files

from .clinic import Clinic, load_clinic
from .environment import Environment, Oidc, Processes
from .files import SettingsError, read_yaml
from .parts import Alerts, Calendar, Escalation, Reminders, Retention, Service, StaffMember, Texts
from .values import dotenv, environment

__all__ = ["ROOT", "Alerts", "Calendar", "Clinic", "Environment", "Escalation", "Oidc", "Processes", "Reminders",
           "Retention", "Service", "Settings", "SettingsError", "StaffMember", "Texts", "get_settings", "load_clinic",
           "load_settings", "read_yaml"]

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Settings:
    """Everything that can differ between two clinics."""

    clinic: Clinic
    env: Environment


def load_settings(root: Path = ROOT, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings; raises `SettingsError` with one line a person can act on."""
    values = {**dotenv(root / ".env"), **(os.environ if environ is None else environ)}
    clinic = load_clinic(Path(values.get("CLINIC_FILE", root / "clinic.yml")))
    try:
        values = with_files(values)
        env = environment(root, values)
        if env.is_exposed:
            _refuse_public_mistakes(env)
            refuse_weak(values, env.var, root / ".env")
    except BadSecret as error:
        raise SettingsError(str(error)) from None
    return Settings(clinic, env)


def _refuse_public_mistakes(env: Environment) -> None:
    """Raise `SettingsError` for what is fine on one's own machine and a hole where others can reach it."""
    if env.debug:
        raise SettingsError("environment: DEBUG: pages of errors show patients' words; never in public")
    if env.is_public and not env.public_url.startswith("https://"):
        raise SettingsError("environment: PUBLIC_URL: a public address must be https")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return this process's settings, read once; raises `SettingsError`."""
    return load_settings()
