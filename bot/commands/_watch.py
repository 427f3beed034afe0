"""Ends processes that are alive and answer nobody, so that the supervisor starts them anew; and those it leaves behind.

The supervisor sees only whether a process is there. One that hangs would leave patients with the
fallback until a person came by.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.settings import Environment

log = logging.getLogger("bot.watch")
EVERY = 5.0      # seconds between two looks
# Generous, so that a machine that is merely busy is not made busier by starts.
PATIENCE = 10.0  # seconds that an answer may take
SUPERVISOR = "bot.commands._supervisord"
AFTER = 60.0     # seconds without an answer that count as hanging


@dataclass(frozen=True)
class Watched:
    """A process, by the end of its command line, and an address at which it answers when it is well."""

    command: str
    url: str


def processes_of(env: Environment) -> list[Watched]:
    """Return what this machine runs that has an address."""
    rasa = [Watched(f"bot.dialogue.serve {number}", f"{url}/webhooks/clinic/ready")
            for number, url in enumerate(env.rasa_urls)]
    actions = [Watched(f"bot.dialogue.actions_server {number}", f"{url}/health")
               for number, url in enumerate(env.actions_urls)]
    web = [Watched(f"--port {port}", f"http://127.0.0.1:{port}/healthz")
           for port in range(env.port, env.port + env.processes.web)]
    return [*rasa, *actions, *web]


class Watch:
    """Looks at a supervisor's processes."""

    def __init__(self, watched: Sequence[Watched], supervisor: int, after: float = AFTER,
                 patience: float = PATIENCE) -> None:
        self._watched, self._supervisor, self._after, self._patience = watched, supervisor, after, patience
        self._silent: dict[tuple[str, int], float] = {}
        self._children: set[str] = set()  # command lines of all that the supervisor started

    def look(self) -> list[int]:
        """End what has hung for long enough, and return the numbers of the processes that were ended."""
        ended, pids, silent = [], self._pids(), {}
        for each in self._watched:
            pid = pids.get(each.command)
            if pid is None or not _hangs(each.url, self._patience):
                continue
            since = silent[each.command, pid] = self._silent.get((each.command, pid), time.monotonic())
            if time.monotonic() - since >= self._after:
                log.error("%s answers nobody; it is ended and started anew", each.command)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                ended.append(pid)
        self._silent = silent
        return ended

    def end_orphans(self) -> None:
        """End what the supervisor, which is gone, had started: the next one needs the ports."""
        there = _processes()
        supervisors = {pid for pid, _, command in there if SUPERVISOR in command}
        for pid, parent, command in there:
            if command in self._children and parent not in supervisors:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _pids(self) -> dict[str, int]:
        """Return the supervisor's own processes by the end of the command that is watched."""
        children = {pid: command for pid, parent, command in _processes() if parent == self._supervisor}
        self._children.update(children.values())
        return {each.command: pid for pid, command in children.items() for each in self._watched
                if f" {each.command} " in f"{command} "}


def _processes() -> list[tuple[int, int, str]]:
    """Return every process of this machine: its number, its parent's, and its command line."""
    shown = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,command="], capture_output=True, text=True)
    lines = (line.split(maxsplit=2) for line in shown.stdout.splitlines())
    return [(int(pid), int(parent), command) for pid, parent, command in lines]


def _hangs(url: str, patience: float) -> bool:
    """Return whether a process takes a connection and says nothing; one that is not there does not hang."""
    try:
        with urllib.request.urlopen(url, timeout=patience):
            return False
    except urllib.error.HTTPError:
        return False  # an answer, if not a good one
    except urllib.error.URLError as error:
        return isinstance(error.reason, TimeoutError)
    except TimeoutError:
        return True
    except OSError:
        return False
