"""Trains new models in a folder of their own, and measures them away from the clinic's records."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.settings import ROOT


class NotGoodEnough(RuntimeError):
    """The new models could not be made, or a figure of theirs is under its floor; a line for each reason."""


def train(models: Path, force: bool = False) -> None:
    """Train what is stale in `models`; raises `NotGoodEnough`."""
    done = _bot(models, "train", *(["--force"] if force else []))
    if done.returncode:
        raise NotGoodEnough(_reasons(done.stderr) or "training failed")


def measure(models: Path, options: Sequence[str] = ()) -> None:
    """Hold the safety card and the answer card of `models` to their floors; raises `NotGoodEnough`.

    `options` are further ones of `bot evaluate`.
    """
    done = _bot(models, "evaluate", "--check", "--headline", "--model", str(models / "screening"), *options)
    if done.returncode:
        raise NotGoodEnough(_reasons(done.stderr) or "the evaluation failed")


def _bot(models: Path, *command: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory(prefix="bot-renewal-") as folder:  # the questions asked leave no trace
        environment = {**os.environ, "BOT_MODELS": str(models.absolute()), "BOT_VAR": folder, "DATABASE_URL": "",
                       "MODELS_SHA256": "", "PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false"}
        command_line: Sequence[str] = [*_politely(), sys.executable, "-m", "bot", *command]
        return subprocess.run(command_line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def _politely() -> list[str]:
    """Return what gives patients' messages the processor first."""
    return ["nice", "-n", "15"] if os.name == "posix" else []


def _reasons(text: str) -> str:
    return "\n".join(line.removeprefix("error: ") for line in text.splitlines() if line.startswith("error: "))
