"""Puts models in place while patients write: no message is refused, none waits for a start."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable

import requests

from bot.channels.rasa_place import beside_file
from bot.renewal import standby
from bot.renewal.folders import Folders
from bot.settings import Environment
from bot.sums import part_of

SCREEN_WITHIN = 60.0  # seconds until the web process reads with the new screen


def switch(env: Environment, folders: Folders, new: bool, say: Callable[[str], None]) -> None:
    """Let the new models serve (or, unless `new`, the previous ones); when they don't come up, all is as before.

    Raises `NotReady`, `NoSuchModels` or `OSError`.
    """
    process, port = standby.start(env, folders.next if new else folders.previous)
    say("a second Rasa is up with them")
    place = beside_file(env.var)
    try:
        fresh = place.with_suffix(".new")
        fresh.write_text(f"{port} {process.pid}\n", encoding="ascii")
        fresh.replace(place)
        for each in standby.ports(env):
            standby.wait_until_idle(each, env.rasa_timeout + 2)
        _exchange(env, folders, new)
        say("they are in place")
    finally:
        place.unlink(missing_ok=True)
        standby.wait_until_idle(port, env.rasa_timeout + 2)
        standby.stop(process)
        shutil.rmtree(env.var / f"model-{port}", ignore_errors=True)


def clear_away(env: Environment, folders: Folders) -> bool:
    """Return whether an interrupted renewal had left something, which is undone: its second Rasa, half a swap."""
    place, left = beside_file(env.var), False
    try:
        port, pid = (int(word) for word in place.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        port = pid = 0
    if pid:
        left = True
        place.unlink(missing_ok=True)
        if standby.state(port).get("pid") == pid:
            standby.wait_until_idle(port, env.rasa_timeout + 2)
            os.kill(pid, signal.SIGTERM)
    return folders.mend() or left


def _exchange(env: Environment, folders: Folders, new: bool) -> None:
    (folders.put_in if new else folders.put_back)()
    try:
        standby.restart(env)
        _wait_for_screen(env, folders)
    except BaseException:
        (folders.put_back if new else folders.put_in)()
        standby.restart(env)
        raise


def _wait_for_screen(env: Environment, folders: Folders) -> None:
    """Wait until the web process, where one runs here, reads with the screen that is in place; raises `NotReady`."""
    wanted, deadline = part_of(folders.current / "screening"), time.monotonic() + SCREEN_WITHIN
    while time.monotonic() < deadline:
        try:
            models = requests.get(f"http://127.0.0.1:{env.port}/readyz", timeout=5).json()["models"]
        except requests.ConnectionError:
            return
        except (requests.RequestException, ValueError, KeyError):
            models = {}
        if models.get("screen") == wanted:
            return
        time.sleep(standby.POLL)
    raise standby.NotReady("the web process did not take the new screen")
