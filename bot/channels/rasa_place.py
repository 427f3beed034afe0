"""Where turns go while Rasa starts again: `bot renew` writes the port of a second Rasa into a file."""

from __future__ import annotations

from pathlib import Path


def beside_file(var: Path) -> Path:
    """Return the file that names the second Rasa, by its port and its process."""
    return var / "rasa-beside"


class Place:
    """Where a second Rasa is, if there is one; the file is read again only when it has changed."""

    def __init__(self, var: Path) -> None:
        self._file = beside_file(var)
        self._seen: tuple[int, int] | None = None
        self._beside: str | None = None

    def beside(self) -> str | None:
        """Return the second Rasa's address, None while there is none."""
        try:
            found = self._file.stat()
        except OSError:
            return None
        if (found.st_mtime_ns, found.st_ino) != self._seen:
            self._seen, self._beside = (found.st_mtime_ns, found.st_ino), self._read()
        return self._beside

    def _read(self) -> str | None:
        try:
            port = self._file.read_text(encoding="ascii").split()[0]
        except (OSError, ValueError, IndexError):
            return None
        return f"http://127.0.0.1:{int(port)}" if port.isdigit() else None
