"""docs/operations.md, carried out as written: a backup, a restore, an upgrade and the way back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.records.test_backup import READ, SEED
from tests.tools import ROOT, free_ports

pytestmark = pytest.mark.slow
BLOCKS = dict(re.findall(r"```sh (\w+)\n(.*?)```", (ROOT / "docs" / "operations.md").read_text(), re.DOTALL))
# Stand in for the service manager, whose units start with `bot prepare`, and for what needs a network.
SYSTEMCTL = '#!/bin/sh\necho "$@" >> "$CALLS"\ncase "$1" in start|restart) python -m bot prepare --no-train >&2;; esac\n'
OTHERS = '#!/bin/sh\necho "$(basename $0) $@" >> "$CALLS"\n'


class Machine:
    """A machine with the project in a folder of its own, in two versions."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.project, self.calls = folder, folder / "assistant", folder / "calls"
        self.git("clone", "--quiet", "--no-hardlinks", str(ROOT), str(self.project), at=folder)
        for name, value in (("user.name", "t"), ("user.email", "t@clinic.example")):
            self.git("config", name, value)
        self.git("tag", "v1")
        (self.project / "CHANGES").write_text("new\n")
        self.git("add", "CHANGES")
        self.git("commit", "--quiet", "-m", "Another version")
        self.git("tag", "v2")
        self.git("checkout", "--quiet", "v1")
        (folder / "bin").mkdir()
        (folder / "backups").mkdir()
        for name, text in (("systemctl", SYSTEMCTL), ("make", OTHERS), ("curl", OTHERS)):
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        (folder / "bin" / "python").symlink_to(sys.executable)
        ports = zip(("BOT_PORT", "RASA_PORT", "ACTIONS_PORT", "STANDIN_PORT"), free_ports(4), strict=True)
        (folder / "environment").write_text(f"BOT_VAR={folder}/var\n" + "".join(f"{name}={port}\n" for name, port in ports))

    def git(self, *words: str, at: Path | None = None) -> None:
        """Run git in the project."""
        subprocess.run(["git", *words], cwd=at or self.project, check=True, capture_output=True)

    def run(self, *names: str, code: str = "", **more: str) -> str:
        """Carry out blocks of the page, or code, and return what is printed."""
        text = "".join(BLOCKS[name] for name in ("setup", *names))
        for before, after in (("/opt/assistant", str(self.project)), ("/etc/assistant/environment", str(self.folder / "environment")),
                              ("/var/backups/assistant", str(self.folder / "backups"))):
            text = text.replace(before, after)
        # The environment's own python, found by its real place: a link elsewhere would not know its libraries.
        environment = {**os.environ, "CALLS": str(self.calls), "DATABASE_URL": "", "PYTHONPATH": str(self.project), **more,
                       "PATH": f"{Path(sys.executable).parent}:{self.folder / 'bin'}:{os.environ['PATH']}"}
        environment["PATH"] = f"{self.folder / 'shims'}:{environment['PATH']}"
        (self.folder / "shims").mkdir(exist_ok=True)
        for name in ("systemctl", "make", "curl"):
            shutil.copy(self.folder / "bin" / name, self.folder / "shims" / name)
        if code:
            text += f"python - <<'END'\n{code}\nEND\n"
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], capture_output=True, text=True, env=environment,
                              timeout=240, check=False)
        assert done.returncode == 0, done.stdout + done.stderr[-1500:]
        return done.stdout


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Return a machine with a conversation on it."""
    machine = Machine(tmp_path_factory.mktemp("machine"))
    machine.run(code=SEED)
    return machine


def test_a_backup_is_restored(machine: Machine) -> None:
    machine.run("backup")
    machine.run(code="from bot.commands._django import setup\nsetup()\nfrom bot.records.models import Message\nMessage.objects.all().delete()")
    machine.run("restore")
    assert "guarded" in machine.run(code=READ)
    assert machine.calls.read_text().splitlines()[:2] == ["stop assistant.target", "start assistant.target"]


def test_an_upgrade_and_the_way_back(machine: Machine) -> None:
    machine.run("upgrade", NEW="v2")
    assert (machine.project / "CHANGES").exists() and "guarded" in machine.run(code=READ)
    machine.run(code="from bot.commands._django import setup\nsetup()\nfrom bot.records.models import Conversation\n"
                     "Conversation.objects.create(channel='web')")
    machine.run("rollback", NEW="v2", OLD="v1")
    assert not (machine.project / "CHANGES").exists() and "guarded" in machine.run(code=READ)  # one conversation, as before
    assert sorted(path.name for path in (machine.folder / "backups").glob("*-v2.tar.gz")) == ["after-v2.tar.gz", "before-v2.tar.gz"]


def test_every_block_is_carried_out() -> None:
    assert set(BLOCKS) == {"setup", "backup", "restore", "upgrade", "rollback"}
    assert "```sh\n" not in (ROOT / "docs" / "operations.md").read_text()
