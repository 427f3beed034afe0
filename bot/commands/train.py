"""Train the screen, the answer index and the Rasa model; what is fresh is skipped."""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.settings import ROOT, get_settings
from bot.sums import fingerprint, is_whole, seal

# What the Rasa model depends on. The component's own code counts too.
RASA_SOURCES = ("config.yml", "domain.yml", "data/nlu", "data/rules", "data/answers/topics",
                "data/answers/behaviours", "data/answers/phrasings", "data/answers/clinic.yml", "bot/dialogue",
                "bot/embedding.py")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--force", action="store_true", help="train everything, fresh or not")
    parser.add_argument("--quiet", action="store_true", help="say nothing when all is fresh")


def run(args: argparse.Namespace) -> int:
    """Train what is stale; returns 1 when a part could not be trained."""
    get_settings()
    parts = {"screen": _screen, "answers": _answers, "dialogue": _dialogue}
    # Side by side: Rasa trains in a process of its own, and the others are mostly arithmetic.
    with ThreadPoolExecutor(len(parts)) as beside:
        trained = [beside.submit(_part, name, train, args) for name, train in parts.items()]
    _keep_vectors()
    if not all(done.result() for done in trained):
        return 1
    if not args.quiet:
        print(f"MODELS_SHA256={fingerprint(get_settings().env.models)}")
    return 0


def _part(name: str, train: Callable[[bool], bool], args: argparse.Namespace) -> bool:
    """Train one part and say so on stderr; returns whether it is as it should be."""
    started = time.monotonic()
    try:
        trained = train(args.force)
    except Exception as error:
        print(f"error: training the {name} failed: {error}", file=sys.stderr)
        return False
    if trained:
        print(f"trained the {name} in {time.monotonic() - started:.0f} s", file=sys.stderr)
    elif not args.quiet:
        print(f"the {name}: nothing has changed", file=sys.stderr)
    return True


def _keep_vectors() -> None:
    if "bot.embedding" in sys.modules:  # only what was stale has loaded it
        from bot.embedding import training_embedder

        training_embedder().save()


def _screen(force: bool) -> bool:
    from bot.embedding import training_embedder
    from bot.screening import is_fresh, train_screen

    models = get_settings().env.models / "screening"
    if not force and is_fresh(ROOT / "data/screening", models):
        return False
    train_screen(ROOT / "data/screening", models, training_embedder())
    return True


def _answers(force: bool) -> bool:
    from bot.embedding import training_embedder
    from bot.knowledge import build_index, is_fresh

    models = get_settings().env.models / "knowledge"
    if not force and is_fresh(ROOT / "data", models):
        return False
    build_index(ROOT / "data", models, training_embedder(), force)
    return True


def _dialogue(force: bool) -> bool:
    """Train with Rasa's own command in a process of its own: its memory goes back when it ends."""
    from bot.dialogue.environment import export

    env = export()
    models, stamp = env.models / "rasa", env.models / "rasa" / "sources.sha256"
    digest = _digest()
    if not force and stamp.is_file() and stamp.read_text() == digest and is_whole(models):
        return False
    models.mkdir(parents=True, exist_ok=True)
    log = env.var / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        done = subprocess.run(
            [sys.executable, "-m", "rasa", "train", "--out", str(models), "--fixed-model-name", "dialogue",
             # `rasa data validate` is a test of the project; training itself refuses what it cannot read.
             "--skip-validation",
             *(["--force"] if force else [])],
            cwd=ROOT, stdout=output, stderr=output, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3",
                 # Threads that wait for each other spin, and the other parts need the processors.
                 "OMP_NUM_THREADS": "1"})
    if done.returncode or not (models / "dialogue.tar.gz").is_file():
        raise RuntimeError(f"Rasa gave up; its last words are in {log}")
    stamp.write_text(digest)
    seal(models)
    return True


def _digest() -> str:
    total = hashlib.sha256()
    for source in RASA_SOURCES:
        path = ROOT / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix in (".yml", ".py"):
                total.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return total.hexdigest()


