"""A process that is alive and answers nobody is ended; one that is slow, or gone, is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

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


def test_what_a_dead_supervisor_left_behind_is_ended_and_nobody_elses() -> None:
    code = "import sys, time; print('up', flush=True); time.sleep(60)"
    start = [sys.executable, "-c", "import subprocess, sys, time\n"
             f"p = subprocess.Popen([sys.executable, '-c', {code!r}, sys.argv[1]], start_new_session=True)\n"
             "print(p.pid, flush=True)\ntime.sleep(60)"]
    ours, elses = (subprocess.Popen([*start, name], stdout=subprocess.PIPE, text=True) for name in ("ours", "elses"))
    try:
        children = [int(each.stdout.readline()) for each in (ours, elses) if each.stdout]
        watch = Watch([], ours.pid)
        watch.look()
        ours.kill()
        ours.wait()
        watch.end_orphans()
        wait_for(lambda: not running(children[0]), 5)
        assert running(children[1])
    finally:
        for each in (ours, elses):
            each.kill()
            each.wait()
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def running(pid: int) -> bool:
    """Return whether a process is there and not only waits for its parent to take note of its end."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False
