"""A process that is alive and answers nobody is ended; one that is slow, or gone, is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from bot.commands._watch import Watch, Watched
from tests.tools import free_ports, wait_for


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[bytes], Watched]]:
    port = free_ports(1)[0]
    process = subprocess.Popen([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    watched = Watched(f"127.0.0.1 {port}", f"http://127.0.0.1:{port}/")
    from bot.commands._watch import urllib

    def answers() -> bool:
        try:
            return urllib.request.urlopen(watched.url, timeout=1).status == 200  # type: ignore[no-any-return]
        except OSError:
            return False

    wait_for(answers, 20)
    yield process, watched
    process.kill()
    process.wait()


def test_one_that_hangs_is_ended_after_a_while(server: tuple[subprocess.Popen[bytes], Watched]) -> None:
    process, watched = server
    watch = Watch([watched], os.getpid(), after=0.5, patience=0.3)
    assert watch.look() == []
    process.send_signal(signal.SIGSTOP)
    assert watch.look() == []  # it may only be slow
    time.sleep(0.5)
    assert watch.look() == [process.pid]
    assert process.wait(5) == -signal.SIGKILL


def test_one_that_answers_again_begins_anew(server: tuple[subprocess.Popen[bytes], Watched]) -> None:
    process, watched = server
    watch = Watch([watched], os.getpid(), after=0.5, patience=0.3)
    process.send_signal(signal.SIGSTOP)
    watch.look()
    process.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    assert watch.look() == []
    process.send_signal(signal.SIGSTOP)
    assert watch.look() == []
    assert process.poll() is None


def test_one_that_is_gone_is_the_supervisors_business(server: tuple[subprocess.Popen[bytes], Watched]) -> None:
    process, watched = server
    watch = Watch([watched], os.getpid(), after=0.0, patience=0.3)
    process.kill()
    process.wait()
    assert watch.look() == []


def test_nobody_elses_process_is_touched(server: tuple[subprocess.Popen[bytes], Watched]) -> None:
    process, watched = server
    watch = Watch([watched], supervisor=1, after=0.0, patience=0.3)
    process.send_signal(signal.SIGSTOP)
    assert watch.look() == []
    assert process.poll() is None
