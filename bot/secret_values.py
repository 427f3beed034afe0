"""Secrets come from the environment or from files of their owner alone, and weak ones don't go public."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

# Each may be given as NAME_FILE too, the path of a file that holds it (systemd credentials, container secrets).
SECRETS = ("SECRET_KEY", "BOT_INTERNAL_TOKEN", "FIELD_KEY", "DATABASE_URL", "REDIS_URL", "TWILIO_AUTH_TOKEN",
           "EMAIL_URL", "OIDC_CLIENT_SECRET")
# Of these we say how long they are; the others are made by someone else.
OURS = {"SECRET_KEY": 32, "BOT_INTERNAL_TOKEN": 32, "FIELD_KEY": 32}
OTHERS = {"TWILIO_AUTH_TOKEN": 16, "OIDC_CLIENT_SECRET": 16}
# What a guesser of the best kind needs, as a power of ten; 32 random digits of base 16 need 32.
GUESSES = 29.0
KEPT = ("secret_key", "internal_token", "field_key")


class BadSecret(ValueError):
    """A secret that is not to be used; one line that names it and never shows it."""


def with_files(values: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the secrets that files hold; raises `BadSecret`."""
    out = dict(values)
    for name in SECRETS:
        path = values.get(f"{name}_FILE")
        if not path:
            continue
        if values.get(name):
            raise BadSecret(f"environment: {name}: set twice, by itself and by {name}_FILE")
        try:
            out[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSecret(f"environment: {name}_FILE: {path} cannot be read ({type(error).__name__})") from None
        if not out[name]:
            raise BadSecret(f"environment: {name}_FILE: {path} is empty")
    return out


def refuse_weak(values: Mapping[str, str], var: Path, dotenv: Path) -> None:
    """Raise `BadSecret` for a secret that could be guessed, is used twice, or that others on the machine can read."""
    for name, least in {**OURS, **OTHERS}.items():
        if values.get(name):
            _check(name, values[name], least)
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
        password = urlsplit(values.get(name, "")).password
        if password:
            _check(name, password, 12, "its password is")
    given = [values[name] for name in OURS if values.get(name)]
    if len(set(given)) < len(given):
        raise BadSecret(f"environment: {', '.join(OURS)}: each needs a value of its own")
    for path in (dotenv, *(var / name for name in KEPT)):
        if path.is_file() and path.stat().st_mode & 0o077:
            raise BadSecret(f"{path}: others on this machine can read it: chmod 600 {path}")


def _check(name: str, secret: str, least: int, what: str = "it is") -> None:
    from zxcvbn import zxcvbn  # slow to import, and needed in public only

    if len(secret) < least:
        raise BadSecret(f"environment: {name}: {what} shorter than {least} characters; make one with "
                        "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`")
    wanted = GUESSES if least >= 32 else 10.0
    if zxcvbn(secret[:72])["guesses_log10"] < wanted:
        raise BadSecret(f"environment: {name}: {what} easy to guess; make one with "
                        "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`")
