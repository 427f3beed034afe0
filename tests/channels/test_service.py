"""One gateway a process, however many threads ask for the first time at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from bot.channels import service


def test_threads_that_ask_at_once_get_the_same_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: object) -> object:
        time.sleep(0.05)
        return SimpleNamespace()

    together = threading.Barrier(4)

    def ask(_: int) -> int:
        together.wait()
        return id(service.get_gateway())

    monkeypatch.setattr(service, "_installed", None)
    monkeypatch.setattr(service, "build_gateway", build)
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(ask, range(4)))) == 1
