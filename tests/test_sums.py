"""Model files are loaded as training wrote them, or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.embedding import shared_embedder
from bot.knowledge.index import is_fresh as index_is_fresh
from bot.screening import Tier, load_screen
from bot.settings import get_settings
from bot.sums import PARTS, AlteredFile, check_pin, fingerprint, is_whole, read_checked, seal
from tests.tools import ROOT, free_ports

pytestmark = pytest.mark.slow


@pytest.fixture
def models(trained: None, tmp_path: Path) -> Path:
    """Return a copy of the trained models that may be spoilt."""
    shutil.copytree(get_settings().env.models, tmp_path / "models")
    return tmp_path / "models"


def flip(path: Path) -> None:
    """Change one bit in the middle of a file; its size and time stay."""
    content, times = bytearray(path.read_bytes()), path.stat()
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    os.utime(path, (times.st_atime, times.st_mtime))


def serve(models: Path, tmp_path: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Start Rasa on these models; it is to end by itself."""
    environment = {**os.environ, "BOT_MODELS": str(models), "BOT_VAR": str(tmp_path / "var"),
                   "RASA_PORT": str(free_ports(1)[0]), "PYTHONPATH": str(ROOT), **more}
    return subprocess.run([sys.executable, "-m", "bot.dialogue.serve"], cwd=ROOT, env=environment, text=True,
                          capture_output=True, timeout=60, check=False)


def test_training_seals_every_part(models: Path) -> None:
    assert all(is_whole(models / part) for part in PARTS)
    done = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=models / "rasa", check=False,
                          capture_output=True, text=True)
    assert done.returncode == 0 and "dialogue.tar.gz: OK" in done.stdout


@pytest.mark.parametrize("name", ["classifier.npz", "classifier.json"])
def test_an_altered_classifier_leaves_the_lexicon_and_says_so(models: Path, name: str) -> None:
    flip(models / "screening" / name)
    screen = load_screen(ROOT / "data/screening", models / "screening", shared_embedder())
    assert screen.classifier is None and f"{name}: its SHA-256" in screen.classifier_state
    assert screen.read("i want to kill myself").tier is Tier.CRISIS


@pytest.mark.parametrize("name", ["index.npz", "index.json"])
def test_an_altered_index_is_made_anew_from_the_reviewed_files(models: Path, name: str) -> None:
    assert index_is_fresh(ROOT / "data", models / "knowledge")
    flip(models / "knowledge" / name)
    assert not index_is_fresh(ROOT / "data", models / "knowledge")


def test_an_altered_rasa_model_is_not_served(models: Path, tmp_path: Path) -> None:
    flip(models / "rasa" / "dialogue.tar.gz")
    done = serve(models, tmp_path)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "error: dialogue.tar.gz: its SHA-256 is not the one on record: run `python -m bot train`"]


def test_a_model_put_there_with_sums_of_its_own_is_stopped_by_the_pin(models: Path, tmp_path: Path) -> None:
    pin = fingerprint(models)
    check_pin(models, pin)
    flip(models / "rasa" / "dialogue.tar.gz")
    seal(models / "rasa")
    assert read_checked(models / "rasa" / "dialogue.tar.gz")
    with pytest.raises(AlteredFile, match="MODELS_SHA256"):
        check_pin(models, pin)
    done = serve(models, tmp_path, MODELS_SHA256=pin)
    assert done.returncode == 1 and "MODELS_SHA256" in done.stderr and "Traceback" not in done.stderr


def test_a_file_without_a_sum_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("1")
    with pytest.raises(AlteredFile, match="no SHA-256"):
        read_checked(tmp_path / "weights")
    assert not is_whole(tmp_path) and fingerprint(tmp_path) == ""
