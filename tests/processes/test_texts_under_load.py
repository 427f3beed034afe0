"""The short form of `python -m bench.texts`: real processes, a worker that is killed, a carrier that fails."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.texts import Load, run
from tests.tools import Service

pytestmark = pytest.mark.slow


def test_every_genuine_text_is_recorded_and_answered_once(trained: None, tmp_path: Path) -> None:
    with Service(tmp_path) as service:
        count = asyncio.run(run(service, Load(texts=200, phones=30, twice=0.1, forged=0.1, kill_every=3)))
        logs = "".join(log.read_text(errors="replace") for log in Path(service.environment["BOT_VAR"]).glob("log/*"))
    assert count.right, count
    assert count.kills >= 3 and count.forged >= 5
    assert "+1212" not in logs and "%2B1212" not in logs and "12122000" not in logs
