"""New models are put in, refused and taken back on the real service while patients write: nobody notices."""

from __future__ import annotations

import json
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.commands import renew as command
from bot.renewal import candidate, standby, switch
from bot.renewal.candidate import NotGoodEnough
from bot.settings import Environment, get_settings, load_settings
from bot.sums import part_of, seal
from tests.tools import ROOT, Patient, Service, call

pytestmark = pytest.mark.slow
DANGER = "I'm going to kill myself tonight"
SAID = ["what are the side effects?", DANGER, "hello", "how long does a session take?"]


@pytest.fixture(scope="module")
def service(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start the whole service on a copy of the models."""
    folder = tmp_path_factory.mktemp("renewal")
    shutil.copytree(get_settings().env.models, folder / "models")
    with Service(folder, models=folder / "models") as service:
        yield service


@pytest.fixture
def env(service: Service) -> Environment:
    """Return where the service keeps and listens to what."""
    return load_settings(environ=service.environment).env


class Crowd:
    """Patients who go on writing; everyone's every message must be answered, once, and not by an excuse."""

    def __init__(self, base: str, count: int = 3) -> None:
        self.base, self.problems, self.sent = base, [], 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write) for _ in range(count)]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _write(self) -> None:
        asked: dict[str, list[str]] = {DANGER: [], "": []}
        try:
            patients = {DANGER: Patient(self.base), "": Patient(self.base)}  # danger changes what is answered later
            while not self._stop.is_set():
                for text in SAID:
                    who = DANGER if text == DANGER else ""
                    self._judge(text, as_the_widget_does(patients[who], text))
                    asked[who].append(text)
                    self.sent += 1
                    time.sleep(0.05)
            for who, patient in patients.items():
                on_record = [row["text"] for row in patient.history() if row["from"] == "patient"]
                if on_record != asked[who][-len(on_record):] or len(on_record) < min(len(asked[who]), 50):
                    self.problems.append(f"{len(asked[who])} sent, on record {len(on_record)}")
        except Exception as error:
            self.problems.append(repr(error))

    def _judge(self, text: str, replies: list[dict[str, Any]]) -> None:
        kind = replies[0]["kind"] if replies else "silence"
        if (text == DANGER and kind != "crisis") or kind in ("silence", "handoff"):
            self.problems.append(f"{text!r}: {kind}")


def as_the_widget_does(patient: Patient, text: str) -> list[dict[str, Any]]:
    """Return the replies to a message; one that a busy machine could not write down in time is sent again."""
    sent = {"client_id": str(uuid.uuid4()), "text": text}
    for _ in range(5):
        status, body = call(f"{patient.base}/api/messages", sent, patient.token)
        assert status == 200, body
        if body.get("kept", True):
            break
        time.sleep(0.5)
    return [row for row in body["messages"] if row["from"] != "patient"]


def changed(models: Path, **more: Any) -> None:
    """Make a candidate another one than what serves: a note in its card."""
    card = models / "screening" / "classifier.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "note": time.time_ns()}))
    seal(models / "screening")


def on_a_few(tmp_path: Path, spoil: Callable[[Path], None] = changed, floor: float = 0.9) -> Callable[[Path], None]:
    """Return the real measurement, of one file of messages instead of all."""
    (tmp_path / "some").mkdir()
    shutil.copy(ROOT / "data/screening/evaluation/explicit.yml", tmp_path / "some")
    floors = tmp_path / "floors.yml"
    floors.write_text(f"floors: {{explicit at crisis or above: {{at_least: {floor}}}}}")

    def measure(models: Path) -> None:
        spoil(models)
        candidate.measure(models, ["--only", "safety", "--messages", str(tmp_path / "some"), "--floors", str(floors)])

    return measure


def screen_of(service: Service) -> str:
    """Return which screen the web process reads with, as it says itself."""
    return str(call(f"{service.base}/readyz")[1]["models"]["screen"])


def test_new_models_are_put_in_and_taken_back_while_patients_write(
        service: Service, env: Environment, tmp_path: Path) -> None:
    before, first = screen_of(service), standby.state(env.rasa_port)["pid"]
    with Crowd(service.base) as crowd:
        command.renew(env, measure=on_a_few(tmp_path))
        after, second = screen_of(service), standby.state(env.rasa_port)["pid"]
        command.renew(env, back=True)
    assert crowd.problems == [] and crowd.sent > 20
    assert after != before and second != first
    assert screen_of(service) == before == part_of(env.models / "screening")
    assert standby.state(env.rasa_port)["pid"] != second
    assert not (env.var / "rasa-beside").exists()
    assert service.parts()["rasa"] == service.parts()["classifier"] == "ready"


def test_a_model_under_a_floor_changes_nothing(service: Service, env: Environment, tmp_path: Path) -> None:
    before, first = screen_of(service), standby.state(env.rasa_port)["pid"]
    with pytest.raises(NotGoodEnough, match=r"explicit at crisis or above: [01]\.\d+"):
        command.renew(env, measure=on_a_few(tmp_path, floor=1.01))
    assert (screen_of(service), standby.state(env.rasa_port)["pid"]) == (before, first)
    assert part_of(env.models / "screening") == before


def test_a_model_that_does_not_start_changes_nothing(
        service: Service, env: Environment, tmp_path: Path) -> None:
    def spoil(models: Path) -> None:
        (models / "rasa" / "dialogue.tar.gz").write_bytes(b"no archive")
        seal(models / "rasa")

    first = standby.state(env.rasa_port)["pid"]
    with Crowd(service.base, 1) as crowd, pytest.raises(standby.NotReady, match="does not start"):
        command.renew(env, measure=on_a_few(tmp_path, spoil))
    assert crowd.problems == [] and standby.state(env.rasa_port)["pid"] == first


def test_models_that_serve_badly_are_taken_back(
        service: Service, env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_numbers(models: Path) -> None:
        weights = models / "screening" / "classifier.npz"
        with np.load(weights) as arrays:
            parts = {name: array * np.nan if name == "weights" else array for name, array in arrays.items()}
        np.savez(weights, **parts)
        seal(models / "screening")

    monkeypatch.setattr(switch, "SCREEN_WITHIN", 4.0)
    before = screen_of(service)
    with Crowd(service.base, 2) as crowd, pytest.raises(standby.NotReady, match="did not take"):
        command.renew(env, measure=on_a_few(tmp_path, without_numbers))
    assert crowd.problems == []
    assert screen_of(service) == before == part_of(env.models / "screening")
    assert service.parts()["rasa"] == service.parts()["classifier"] == "ready"


def test_what_a_power_cut_left_is_cleared_away(env: Environment, tmp_path: Path) -> None:
    from dataclasses import replace

    from bot.renewal.folders import Folders

    shutil.copytree(env.models, tmp_path / "models.previous")
    cut = replace(env, models=tmp_path / "models", var=tmp_path)
    (tmp_path / "rasa-beside").write_text("1 999999999\n")
    assert switch.clear_away(cut, Folders(cut.models))
    assert part_of(tmp_path / "models" / "screening") and not (tmp_path / "rasa-beside").exists()
