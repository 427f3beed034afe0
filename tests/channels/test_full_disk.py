"""On a disk that is full to the last byte a message is kept all the same, over what was set aside for it."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.channels.text import MAX_CHARS
from bot.records import spool

SHORT = spool.Kept("web", 1, None, "web:1:k", "k", "hello", {}, "2026-01-01T00:00:00+00:00", {}, None, {}, [])
LONGEST = spool.Kept("web", 1, None, "web:1:l", "l", "ñ" * MAX_CHARS, {}, "2026-01-01T00:00:00+00:00", {}, "P1", {},
                     [{"kind": "answer", "text": "é" * 1500, "extra": {"sources": ["quoted " * 150] * 3}}])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(spool, "folder", lambda: tmp_path / "spool")
    return tmp_path / "spool"


@pytest.fixture
def full_disk(tmp_path: Path, place: Path) -> Iterator[Path]:
    """A disk of its own with nothing left on it but what was set aside."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={2 * spool.SPARES * spool.SPARE_BYTES}", "tmpfs", str(place)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no disk of its own could be made here (needs root)")
    try:
        spool.prepare()
        with (place / "filler.txt").open("wb", buffering=0) as file:
            for size in (65536, 512):
                with suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_takes_as_many_messages_as_were_planned_and_whoever_else_writes_takes_none_of_it(
        full_disk: Path) -> None:
    for number in range(spool.SPARES):
        spool.keep(LONGEST if number % 2 else SHORT)
        with pytest.raises(OSError, match="No space"):
            (full_disk / "a-greedy-neighbour").write_bytes(bytes(4096))
    with pytest.raises(OSError, match="No space"):
        spool.keep(SHORT)
    assert [spool.read(path) for path in spool.waiting()] == [SHORT, LONGEST] * (spool.SPARES // 2)
    assert not [path for path in full_disk.iterdir() if path.suffix == ".part"]


def test_what_was_used_is_set_aside_again_once_there_is_room(full_disk: Path) -> None:
    spool.keep(SHORT).unlink()
    (full_disk / "filler.txt").unlink()
    spool.prepare()
    spares = [path for path in full_disk.iterdir() if path.name.startswith(spool.SPARE)]
    assert [path.stat().st_size for path in spares] == [spool.SPARE_BYTES] * spool.SPARES


def test_a_file_system_that_never_writes_in_place_gets_the_room_back(
        place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool.prepare()
    through = spool._through

    def copies_on_write(part: Path, path: Path, mode: str, data: bytes) -> Path:
        if len(os.listdir(place)) >= spool.SPARES:
            part.unlink()
            raise OSError(errno.ENOSPC, "No space left on device")
        return through(part, path, mode, data)

    monkeypatch.setattr(spool, "_through", copies_on_write)
    spool.keep(LONGEST)
    assert spool.read(spool.waiting()[0]) == LONGEST
