"""Rasa's model file: checked, and copied to where only the service writes, before Rasa unpacks it.

A model names Python classes that Rasa imports, so it is code: only what training wrote is loaded. The copy
is what was checked, whatever becomes of the file meanwhile.
"""

from __future__ import annotations

import os
from pathlib import Path

from bot.sums import read_checked

NAME = "dialogue.tar.gz"


def checked_archive(models: Path, folder: Path) -> Path:
    """Return a copy of the trained model in `folder`; raises `FileNotFoundError` or `AlteredFile`."""
    source = models / "rasa" / NAME
    if not source.is_file():
        raise FileNotFoundError(f"no model in {source.parent}: run `python -m bot train`")
    content = read_checked(source)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy, fresh = folder / NAME, folder / f"{os.getpid()}.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(copy)
    return copy
