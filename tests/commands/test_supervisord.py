"""A log that cannot be written costs its lines and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.commands._watch import SUPERVISOR
from tests.tools import ROOT, wait_for

pytestmark = pytest.mark.slow
CHILD = "import os, sys\nfor _ in range(200): print('x' * 999, flush=True)\nopen(sys.argv[1], 'a').write(f'{os.getpid()} ')\n"


def test_on_a_full_disk_the_supervisor_goes_on_and_brings_the_dead_back(tmp_path: Path) -> None:
    """`/dev/full` refuses every byte, as a full disk does."""
    (tmp_path / "child.py").write_text(CHILD + "import time; time.sleep(60)")
    config = tmp_path / "supervisor.conf"
    config.write_text(f"""
[supervisord]
nodaemon=true
logfile=/dev/full
logfile_maxbytes=0
pidfile={tmp_path}/pid
[program:talker]
command={sys.executable} {tmp_path}/child.py {tmp_path}/started
startsecs=0
autorestart=true
redirect_stderr=true
stdout_logfile=/dev/full
stdout_logfile_maxbytes=0
""")
    with Path("/dev/full").open("wb", buffering=0) as full:
        supervisor = subprocess.Popen([sys.executable, "-m", SUPERVISOR, "-c", str(config)], cwd=ROOT,
                                      stdout=subprocess.DEVNULL, stderr=full)

    def started() -> list[int]:
        file = tmp_path / "started"
        return [int(pid) for pid in file.read_text().split()] if file.exists() else []

    try:
        for round_ in (1, 2, 3):  # its lines went nowhere, and it neither waits for them to be read nor dies of them
            wait_for(lambda n=round_: len(started()) == n, 20)
            os.kill(started()[-1], signal.SIGKILL)
        assert supervisor.poll() is None
    finally:
        supervisor.terminate()
        supervisor.wait(15)
