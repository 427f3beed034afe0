"""Every package of the lock is judged on docs/dependency-audit.md, in the version that is locked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "dependency-audit.md").read_text()
LOCK = dict(re.findall(r"^([a-zA-Z0-9._-]+)==([^ ;\\]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines()
        if re.match(r"\| [a-z0-9-]+ \| \d", line)]
LOADED = """
import importlib.metadata, json, sys
{imports}
tops = {{name.partition(".")[0] for name in sys.modules}}
known = importlib.metadata.packages_distributions()
print(json.dumps(sorted({{made.lower().replace("_", "-").replace(".", "-") for top in tops for made in known.get(top, ())}})))
"""


def test_every_package_of_the_lock_is_judged() -> None:
    named = set(re.findall(r"`([a-z0-9._-]+)`", PAGE)) | {row[0] for row in ROWS}
    missing = set(LOCK) - named
    assert not missing, f"not on docs/dependency-audit.md: {', '.join(sorted(missing))}"


def test_what_is_judged_is_the_version_of_the_lock() -> None:
    assert len(ROWS) > 10
    for package, version, advisory, what, loaded, reachable, judgement in ROWS:
        assert LOCK.get(package) == version, f"{package}: judged in {version}, locked in {LOCK.get(package)}"
        assert all((advisory, what, loaded)) and reachable in ("no", "yes") and len(judgement) > 10
        assert re.search(r"CVE-\d{4}-\d+|the same|several", advisory), package


def test_no_hole_is_left_reachable() -> None:
    assert [row[0] for row in ROWS if row[5] != "no"] == []


def test_what_could_not_be_checked_is_said() -> None:
    assert re.search(r"As of \d{4}-\d{2}-\d{2}", PAGE) and "could not be checked" in PAGE and "pip-audit" in PAGE


@pytest.mark.slow
@pytest.mark.parametrize("imports, never", [
    ("import bot.site.asgi", {"tensorflow-cpu", "keras", "skops", "sanic", "rasa", "jsonpickle", "protobuf", "future", "joblib"}),
    ("import django; django.setup(); from bot.records import chores, nightly, outbox, resume",
     {"tensorflow-cpu", "keras", "skops", "sanic", "rasa", "jsonpickle", "protobuf", "future", "h5py"}),
    ("import rasa.core.run, rasa.server, rasa.core.channels, rasa.core.agent; import bot.dialogue.intents", {"skops", "wheel"})])
def test_what_is_said_not_to_be_loaded_is_not(imports: str, never: set[str], tmp_path: Path) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bot.site.settings", "PYTHONPATH": str(ROOT), "BOT_VAR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", LOADED.format(imports=imports)], env=environment, cwd=ROOT,
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert not never & set(json.loads(done.stdout.splitlines()[-1]))
