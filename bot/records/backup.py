"""Everything that a clinic cannot make anew, in one file; and back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.settings import ROOT, Settings

KEYS = ("secret_key", "field_key", "internal_token")
MANIFEST = "manifest.json"


class BackupError(Exception):
    """A backup that cannot be made or restored; one line that a person can act on."""


def write(settings: Settings, target: Path, now: datetime | None = None) -> list[str]:
    """Write a backup, readable by its owner alone, and return what is in it; the service may run meanwhile."""
    if target.exists():
        raise BackupError(f"{target}: there is a file of this name")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        parts = _databases(settings, Path(folder))
        parts |= {f"keys/{name}": path for name in KEYS if (path := settings.env.var / name).is_file()}
        parts["clinic.yml"] = Path(os.environ.get("CLINIC_FILE", ROOT / "clinic.yml"))
        made = (now or datetime.now(UTC)).isoformat(timespec="seconds")
        manifest = {"made": made, "database": _kind(settings), "sha256": {
            name: _sha256(path) for name, path in parts.items()}}
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
            body = json.dumps(manifest, indent=1).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
            for name, path in parts.items():
                archive.add(path, name, recursive=False)
    return sorted(parts)


def restore(settings: Settings, source: Path, replace: bool = False) -> dict[str, str]:
    """Put a backup in place and return its manifest; the service must not run.

    Everything is checked before anything is touched. `clinic.yml` comes back as `clinic.restored.yml`,
    beside the one that is there. Raises `BackupError`.
    """
    with tempfile.TemporaryDirectory() as folder:
        parts, manifest = _unpacked(source, Path(folder))
        if manifest["database"] != _kind(settings):
            raise BackupError(f"{source}: this is a backup of {manifest['database']}, and DATABASE_URL names "
                              f"{_kind(settings)}")
        if not replace and _holds_records(settings):
            raise BackupError("there are records already; --replace puts the backup in their place")
        settings.env.var.mkdir(parents=True, exist_ok=True)
        if _kind(settings) == "sqlite":
            _put_sqlite(parts["bot.sqlite3"], _sqlite_path(settings))
            if "rasa.sqlite3" in parts:
                _put_sqlite(parts["rasa.sqlite3"], _rasa_path(settings))
        else:
            _postgresql(settings, "pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error",
                        "--single-transaction", str(parts["database.dump"]), "-d")
        for name in KEYS:
            if f"keys/{name}" in parts:
                _put_secret(parts[f"keys/{name}"], settings.env.var / name)
        _copy(parts["clinic.yml"], settings.env.var / "clinic.restored.yml")
        return {"made": str(manifest["made"]), "database": str(manifest["database"])}


def _databases(settings: Settings, folder: Path) -> dict[str, Path]:
    """Return consistent copies of the databases, made while others write."""
    if _kind(settings) != "sqlite":
        dump = folder / "database.dump"
        _postgresql(settings, "pg_dump", "--format=custom", "--no-owner", f"--file={dump}", "-d")
        return {"database.dump": dump}
    found = {"bot.sqlite3": _sqlite_path(settings), "rasa.sqlite3": _rasa_path(settings)}
    if not found["bot.sqlite3"].is_file():
        raise BackupError(f"{found['bot.sqlite3']}: there is no database yet")
    copies = {}
    for name, path in found.items():
        if path.is_file():
            copies[name] = folder / name
            with closing(sqlite3.connect(path, timeout=60)) as live, closing(sqlite3.connect(copies[name])) as copy:
                live.backup(copy)
    return copies


def _unpacked(source: Path, folder: Path) -> tuple[dict[str, Path], dict[str, object]]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text())
        sums = dict(manifest["sha256"])
    except (OSError, tarfile.TarError, ValueError, KeyError, EOFError) as error:
        raise BackupError(f"{source}: not a backup of ours, or a damaged one ({type(error).__name__})") from error
    parts = {name: folder / name for name in sums}
    for name, path in parts.items():
        if not path.is_file() or _sha256(path) != sums[name]:
            raise BackupError(f"{source}: {name} in it is damaged")
    return parts, manifest


def _holds_records(settings: Settings) -> bool:
    if _kind(settings) == "sqlite":
        path = _sqlite_path(settings)
        if not path.is_file():
            return False
        with closing(sqlite3.connect(path)) as live:
            there = live.execute("SELECT 1 FROM sqlite_master WHERE name = 'records_conversation'").fetchone()
            return bool(there and live.execute("SELECT 1 FROM records_conversation LIMIT 1").fetchone())
    query = "SELECT 1 FROM pg_tables WHERE tablename = 'records_conversation'"
    return bool(_postgresql(settings, "psql", "-At", "-c", query, "-d").strip())


def _put_sqlite(copy: Path, place: Path) -> None:
    """Fill a database from its copy in one step, so that no half of it is ever there."""
    with closing(sqlite3.connect(copy)) as kept, closing(sqlite3.connect(place)) as live:
        kept.backup(live)
    place.chmod(0o600)


def _put_secret(copy: Path, place: Path) -> None:
    place.unlink(missing_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(copy.read_bytes())


def _copy(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())


def _postgresql(settings: Settings, *command: str) -> str:
    """Run one of PostgreSQL's programs on the database; the password is not on the command line, which all can see."""
    address = urlsplit(settings.env.database_url)
    bare = address._replace(netloc=address.netloc.replace(f":{address.password}@", "@")).geturl()
    environment = {**os.environ, **({"PGPASSWORD": unquote(address.password)} if address.password else {})}
    try:
        done = subprocess.run([*command, bare], capture_output=True, text=True, check=True, env=environment)
    except FileNotFoundError:
        raise BackupError(f"{command[0]} is not installed (apt-get install postgresql-client)") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or ["failed"]
        raise BackupError(f"{command[0]}: {lines[-1]}") from None
    return done.stdout


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.env.database_url.startswith("sqlite") else "postgresql"


def _sqlite_path(settings: Settings) -> Path:
    return Path(settings.env.database_url.removeprefix("sqlite:///"))


def _rasa_path(settings: Settings) -> Path:
    return Path(settings.env.dialogue_url.removeprefix("sqlite:///"))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
