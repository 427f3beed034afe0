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
SPARE = "spare-"          # files that are there already, for the day on which the disk is full
SPARES = 256
SPARE_BYTES = 20 << 10    # holds a message of the longest, with its answer
BROKEN = ".broken"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.ENOENT)


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
    """Make the folder, and set files aside to write over on the day on which the disk is full.

    Room that is only freed then would be taken by whatever else writes to that disk, the database first.
    """
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        for _ in range(SPARES - len(_spares())):
            _write(place / f"{SPARE}{secrets.token_hex(8)}", secrets.token_bytes(SPARE_BYTES))
    except OSError as error:
        log.error("No room could be set aside for the day the disk is full: %s", error.strerror)


def keep(message: Kept) -> Path:
    """Write a message to the disk, through to the disk; raises `OSError` when there is no way to."""
    name = folder() / f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    data = (encrypt(json.dumps(asdict(message), ensure_ascii=False)) or "").encode()
    try:
        return _write(name, data)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        return _write_over(name, data)


def waiting() -> list[Path]:
    """Return the files that wait for the records, oldest first."""
    try:
        return sorted(path for path in folder().iterdir() if path.name[:1].isdigit() and not path.suffix)
    except FileNotFoundError:
        return []


def read(path: Path) -> Kept | None:
    """Return what a file holds; one that cannot be read is set aside for a person to look at."""
    try:
        return Kept(**json.loads(decrypt(path.read_text().rstrip()) or ""))
    except FileNotFoundError:
        return None  # another worker was quicker
    except (CannotDecrypt, ValueError, TypeError) as error:
        log.error("A kept message cannot be read: %s in %s", type(error).__name__, path.name)
        path.rename(path.with_suffix(BROKEN))
        return None


def _spares() -> list[Path]:
    return [path for path in folder().iterdir() if path.name.startswith(SPARE) and not path.suffix]


def _write_over(path: Path, data: bytes) -> Path:
    """Write a file over a spare one, which takes no room; where that cannot be, give the spare ones' room up."""
    part = path.with_suffix(".part")
    for spare in _spares() if len(data) <= SPARE_BYTES else []:
        try:
            spare.rename(part)
        except FileNotFoundError:
            continue  # another process took it
        try:
            return _through(part, path, "r+b", data.ljust(SPARE_BYTES))
        except OSError as error:
            if error.errno not in _FULL:
                raise
            break  # a file system that never writes in place
    for spare in _spares()[:max(4, 1 + len(data) // SPARE_BYTES)]:
        spare.unlink(missing_ok=True)
    return _write(path, data)


def _write(path: Path, data: bytes) -> Path:
    part = path.with_suffix(".part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    return _through(part, path, "wb", data)


def _through(part: Path, path: Path, mode: str, data: bytes) -> Path:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    try:
        with part.open(mode) as file:
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
