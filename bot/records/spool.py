"""What patients wrote while the records could not take it: kept in files of this machine, encrypted.

A database that is down, locked or full must not cost a message. Whoever could not write one down puts it
here, with what the patient was answered, before the answer goes out; the worker of this machine brings
it onto record when it can, once, and tells staff what could not wait.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bot.records.fields import CannotDecrypt, decrypt, encrypt
from bot.settings import get_settings

log = logging.getLogger("bot.spool")
BALLAST = "ballast"
BALLAST_BYTES = 1 << 20  # room for some hundred messages on a disk that is full
BROKEN = ".broken"


@dataclass(frozen=True)
class Kept:
    """A message and its answer, as they wait for the records."""

    channel: str
    conversation: int | None
    phone: str | None
    dedup: str
    client_id: str
    text: str
    extra: dict[str, Any]
    at: str
    verdict: dict[str, Any]
    level: str | None                 # of the alert that the verdict asks for
    changes: dict[str, Any]           # of the conversation: tier, lock, open question
    replies: list[dict[str, Any]]     # {"kind", "text", "extra"}
    told_rasa: bool = field(default=True)


def folder() -> Path:
    """Return where the files are."""
    return get_settings().env.var / "spool"


def prepare() -> None:
    """Make the folder, and take room for the day on which the disk is full."""
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    ballast = place / BALLAST
    if not ballast.is_file() or ballast.stat().st_size < BALLAST_BYTES:
        try:
            _write(ballast, secrets.token_bytes(BALLAST_BYTES))
        except OSError as error:
            log.error("No room could be set aside for the day the disk is full: %s", error.strerror)


def keep(message: Kept) -> Path:
    """Write a message to the disk, through to the disk; raises `OSError` when there is no way to."""
    name = folder() / f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    data = (encrypt(json.dumps(asdict(message))) or "").encode()
    try:
        return _write(name, data)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.ENOENT):
            raise
        (folder() / BALLAST).unlink(missing_ok=True)
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        return _write(name, data)


def waiting() -> list[Path]:
    """Return the files that wait for the records, oldest first."""
    try:
        return sorted(path for path in folder().iterdir() if path.name[:1].isdigit() and not path.suffix)
    except FileNotFoundError:
        return []


def read(path: Path) -> Kept | None:
    """Return what a file holds; one that cannot be read is set aside for a person to look at."""
    try:
        return Kept(**json.loads(decrypt(path.read_text()) or ""))
    except FileNotFoundError:
        return None  # another worker was quicker
    except (CannotDecrypt, ValueError, TypeError) as error:
        log.error("A kept message cannot be read: %s in %s", type(error).__name__, path.name)
        path.rename(path.with_suffix(BROKEN))
        return None


def _write(path: Path, data: bytes) -> Path:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    part = path.with_suffix(".part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return path
