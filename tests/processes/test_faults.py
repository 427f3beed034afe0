"""Real processes are killed while a patient chats: a sensible reply every time, a full crisis reply every
time, and every message in the database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import get_settings
from tests.tools import Patient, Service, call, wait_for

pytestmark = pytest.mark.slow
DANGER = "I can't do this anymore, I'm going to kill myself tonight"


@pytest.fixture(scope="module")
def service(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start the whole service on a copy of the models, so that they can be taken away."""
    folder = tmp_path_factory.mktemp("faults")
    shutil.copytree(get_settings().env.models, folder / "models")
    with Service(folder, models=folder / "models") as service:
        yield service


def check(service: Service) -> None:
    """Chat, and see that a reply and a record came of each message."""
    patient = Patient(service.base)
    said = ["what are the side effects?", DANGER, "hello again"]
    for text in said:
        replies = patient.say(text)
        assert replies and all(reply["text"].strip() for reply in replies)
        if text == DANGER:
            assert replies[0]["kind"] == "crisis"
            assert "911" in replies[0]["text"] and "988" in replies[0]["text"]
            assert "tel:911" in [resource["href"] for resource in replies[0]["resources"]]
    assert [row["text"] for row in patient.history() if row["from"] == "patient"] == said


def test_with_everything_up(service: Service) -> None:
    check(service)
    assert Patient(service.base).say("what are the side effects?")[0]["kind"] == "answer"


def test_who_answers_danger_comes_before_rasa_at_the_processor(service: Service) -> None:
    web, rasa = (os.getpriority(os.PRIO_PROCESS, service.pids(module)[0]) for module in ("uvicorn", "bot.dialogue.serve"))
    assert web < rasa


def test_with_the_action_server_killed(service: Service) -> None:
    before = service.kill("bot.dialogue.actions_server")
    patient = Patient(service.base)
    assert patient.say("what are the side effects?")[0]["kind"] == "answer"
    replies = patient.say("i want to book a consultation")
    replies += patient.say("tuesday")
    assert all(reply["text"] for reply in replies)
    assert not any("You're booked" in reply["text"] for reply in replies)
    check(service)
    wait_for(lambda: service.pid("bot.dialogue.actions_server") not in (None, before), 30)
    wait_for(lambda: service.parts().get("actions") == "ready", 60)


def test_with_rasa_killed_it_says_so_and_comes_back(service: Service) -> None:
    booking = Patient(service.base)
    assert booking.say("i'd like to book a consultation")[0]["choices"]
    before = service.kill("bot.dialogue.serve")
    fallback = Patient(service.base).say("what are the side effects?")
    assert "911" in fallback[0]["text"] and get_settings().clinic.phone in fallback[0]["text"]
    check(service)
    wait_for(lambda: service.pid("bot.dialogue.serve") not in (None, before), 30)
    wait_for(lambda: service.parts().get("rasa") == "ready", 90)
    assert Patient(service.base).say("what are the side effects?")[0]["kind"] == "answer"
    replies = booking.say("any day is fine")
    assert replies[0]["kind"] == "booking", replies  # it has not forgotten where they were


def test_what_a_patient_erases_is_gone_from_every_file(service: Service) -> None:
    patient = Patient(service.base)
    patient.say("does it help with Quillfeather's disease")
    status, body = call(f"{service.base}/api/conversations", None, patient.token, method="DELETE")
    assert (status, body["kept"]) == (200, False)
    assert "records_message" in service.dump()
    assert "Quillfeather" not in service.dump()


def test_with_the_model_file_gone(service: Service) -> None:
    archive = Path(service.environment["BOT_MODELS"]) / "rasa" / "dialogue.tar.gz"
    hidden = archive.with_suffix(".hidden")
    archive.rename(hidden)
    try:
        check(service)  # the model in memory still answers
        service.kill("bot.dialogue.serve")
        check(service)  # and now there is none
        assert service.parts().get("rasa") != "ready"
    finally:
        hidden.rename(archive)
    wait_for(lambda: service.parts().get("rasa") == "ready", 120)


def test_with_the_web_process_killed_it_comes_back_and_remembers(service: Service) -> None:
    patient = Patient(service.base)
    patient.say("hello")
    before = service.kill("uvicorn")
    wait_for(lambda: service.pid("uvicorn") not in (None, before), 30)
    wait_for(lambda: bool(service.parts()), 60)
    assert [row["text"] for row in patient.history() if row["from"] == "patient"] == ["hello"]


def test_no_word_of_a_patient_is_in_any_log(service: Service) -> None:
    patient = Patient(service.base)
    patient.say("my neighbour Zebulonia told me about this, what is it")
    patient.say("I am Zebulonia and I want to kill myself")
    service.kill("bot.dialogue.actions_server")
    patient = Patient(service.base)
    patient.say("book a consultation for Zebulonia")
    patient.say("tuesday, says Zebulonia")
    logs = list(Path(service.environment["BOT_VAR"]).glob("log/*"))
    assert logs
    for log in logs:
        assert "Zebulonia" not in log.read_text(errors="replace"), log.name


def test_ctrl_c_ends_everything(trained: None, tmp_path: Path) -> None:
    import time

    with Service(tmp_path) as service:
        assert service.pid("bot.dialogue.serve")
    time.sleep(0.5)
    for module in ("bot.dialogue.serve", "bot.dialogue.actions_server", "uvicorn", "bot.records.worker"):
        assert service.pid(module) is None, module
