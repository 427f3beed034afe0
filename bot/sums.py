"""What training wrote is what is loaded: SHA-256 sums beside the model files, checked before a byte of them is read.

`SHA256SUMS` has the form that `sha256sum --check` reads. Whoever can change a model file can change the sums
too: `MODELS_SHA256`, kept where the service's secrets are, holds all of them to one number.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

SUMS = "SHA256SUMS"
PARTS = ("knowledge", "rasa", "screening")


class AlteredFile(RuntimeError):
    """A model file is not the one that training wrote; the message names it."""


def seal(folder: Path) -> None:
    """Write the sums of a folder's files, once they are complete."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    text = "".join(f"{_digest(path.read_bytes())}  {path.name}\n" for path in files)
    fresh = folder / f".{SUMS}"
    fresh.write_text(text, encoding="ascii")
    fresh.replace(folder / SUMS)


def read_checked(path: Path) -> bytes:
    """Return a file's bytes; raises `AlteredFile` when they are not what its folder's sums say."""
    content = path.read_bytes()
    known = _sums(path.parent)
    if path.name not in known:
        raise AlteredFile(f"{path.name}: no SHA-256 is on record: run `python -m bot train`")
    if _digest(content) != known[path.name]:
        raise AlteredFile(f"{path.name}: its SHA-256 is not the one on record: run `python -m bot train`")
    return content


def is_whole(folder: Path) -> bool:
    """Return whether every file that the sums name is there as it was written."""
    try:
        known = _sums(folder)
        for name in known:
            read_checked(folder / name)
    except (OSError, ValueError, AlteredFile):
        return False
    return bool(known)


def fingerprint(models: Path) -> str:
    """Return one SHA-256 for all models, from the sums of their folders; "" when some have none."""
    total = hashlib.sha256()
    for part in PARTS:
        path = models / part / SUMS
        if not path.is_file():
            return ""
        total.update(path.read_bytes())
    return total.hexdigest()


def part_of(folder: Path) -> str:
    """Return what stands for one folder's models where they are named to people; "" when they have no sums."""
    path = folder / SUMS
    return _digest(path.read_bytes())[:12] if path.is_file() else ""


def check_pin(models: Path, wanted: str | None) -> None:
    """Raise `AlteredFile` when the models are not the ones that `MODELS_SHA256` names; None names none."""
    if wanted and fingerprint(models) != wanted:
        raise AlteredFile(f"{models}: the models are not the ones that MODELS_SHA256 names")


def _sums(folder: Path) -> dict[str, str]:
    path = folder / SUMS
    if not path.is_file():
        return {}
    pairs = (line.split(maxsplit=1) for line in path.read_text(encoding="ascii").splitlines() if line.strip())
    return {name.strip().removeprefix("*"): digest for digest, name in pairs}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
