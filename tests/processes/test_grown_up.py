"""The same code spread out: PostgreSQL, Redis, two of each process, and a proxy in front."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import servers
from tests.tools import Patient, Service, call, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


@pytest.fixture(scope="module")
def service(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start two of each process on a database of their own."""
    counts = {f"{kind}_PROCESSES": "2" for kind in ("WEB", "RASA", "ACTIONS", "WORKER")}
    folder = tmp_path_factory.mktemp("grown-up")
    with Service(folder, DATABASE_URL=servers.postgresql().database(), REDIS_URL=servers.redis().url,
                 **counts) as service:
        yield service


@pytest.fixture(scope="module")
def proxy(service: Service) -> Iterator[servers.Proxy]:
    """Start a proxy in front of the web processes."""
    first = int(service.base.rsplit(":", 1)[1])
    proxy = servers.Proxy([first, first + 1])
    yield proxy
    proxy.end()


def test_two_of_each_are_up(service: Service) -> None:
    assert set(service.parts().values()) == {"ready"}
    for module in ("uvicorn", "bot.dialogue.serve", "bot.dialogue.actions_server", "bot.records.worker"):
        assert len(service.pids(module)) == 2, module


def test_conversations_over_all_of_them_lose_double_and_cross_nothing(service: Service, proxy: servers.Proxy) -> None:
    def talk(number: int) -> Patient:
        patient = Patient(proxy.base)
        said = [f"what does visit {number} cost", "is it safe", f"i'm patient {number} and i want to kill myself"]
        kinds = [patient.say(text)[0]["kind"] for text in said]
        assert kinds[-1] == "crisis"
        assert [row["text"] for row in patient.history() if row["from"] == "patient"] == said
        return patient

    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(talk, range(16)))) == 16
    assert service.ask("SELECT count(*) FROM records_message WHERE sender = 'patient' AND answered_at IS NULL") == [(0,)]
    assert service.ask("SELECT count(*) FROM records_alert WHERE priority = 'P1'") == [(16,)]
    assert service.ask("SELECT count(DISTINCT sender) FROM rasa_dialogue")[0][0] == 16
    assert not (service.folder / "var" / "bot.sqlite3").exists()
    assert not (service.folder / "var" / "rasa.sqlite3").exists()


def test_messages_of_one_conversation_that_come_at_once_at_both_web_processes(service: Service) -> None:
    first = int(service.base.rsplit(":", 1)[1])
    patients = [Patient(service.base) for _ in range(6)]

    def send(patient: Patient, number: int) -> None:
        base = f"http://127.0.0.1:{first + number % 2}"
        status, body = call(f"{base}/api/messages", {"client_id": f"{number:08d}", "text": f"is it safe, take {number}"},
                            patient.token)
        assert status == 200, body
        assert any(row["from"] == "bot" for row in body["messages"])

    with ThreadPoolExecutor(18) as threads:
        list(threads.map(lambda pair: send(*pair), [(patient, number) for number in range(3) for patient in patients]))
    for patient in patients:
        history = patient.history()
        assert sorted(row["text"] for row in history if row["from"] == "patient") == [f"is it safe, take {n}" for n in range(3)]
        assert not any(row["kind"] == "handoff" for row in history), "a message waited in vain for its turn"


def test_the_same_message_at_both_web_processes_is_answered_once(service: Service) -> None:
    first = int(service.base.rsplit(":", 1)[1])
    patient = Patient(service.base)
    payload = {"client_id": "sent-twice-1", "text": "how long does it take"}
    with ThreadPoolExecutor(4) as threads:
        bodies = list(threads.map(
            lambda n: call(f"http://127.0.0.1:{first + n % 2}/api/messages", payload, patient.token)[1], range(4)))
    assert len({tuple(row["id"] for row in body["messages"]) for body in bodies}) == 1
    assert len([row for row in patient.history() if row["from"] == "patient"]) == 1


def test_a_listener_at_one_web_process_hears_what_the_other_writes(service: Service) -> None:
    first = int(service.base.rsplit(":", 1)[1])
    patient = Patient(service.base)
    heard: list[str] = []
    request = urllib.request.Request(f"http://127.0.0.1:{first + 1}/api/events",
                                     headers={"Authorization": f"Bearer {patient.token}"})
    with urllib.request.urlopen(request, timeout=20) as stream:
        assert b"retry" in stream.readline()

        def listen() -> None:
            for line in stream:
                if line.startswith(b"data: "):
                    heard.append(json.loads(line[6:])["text"])
                    if len(heard) >= 2:  # what was asked, and its answer
                        return

        listening = threading.Thread(target=listen)
        listening.start()
        replies = patient.say("is it safe")  # to the first one
        listening.join(15)
    assert replies[0]["text"] in heard


def test_one_of_each_dies_and_patients_notice_nothing(service: Service, proxy: servers.Proxy) -> None:
    patient = Patient(proxy.base)
    killed = [service.kill("bot.dialogue.serve"), service.kill("bot.dialogue.actions_server")]
    # A server that is only just dying may still take a turn with it, which is never given to another.
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in killed), 20)
    for text in ("is it safe", "i'm going to kill myself tonight", "how much is it"):
        assert patient.say(text)[0]["kind"] in ("answer", "crisis", "clinic"), text
    wait_for(lambda: len(service.pids("bot.dialogue.serve")) == 2, 60)


def test_a_backup_of_it_is_restored(tmp_path: Path) -> None:
    from bot.records import backup
    from bot.settings import load_settings
    from tests.records.test_backup import READ, SEED, _environment, _python

    before, after = (_environment(tmp_path / name, DATABASE_URL=servers.postgresql().database())
                     for name in ("before", "after"))
    _python(SEED, before)
    file = tmp_path / "b.tar.gz"
    assert "database.dump" in backup.write(load_settings(environ=before), file)
    backup.restore(load_settings(environ=after), file)
    assert "guarded audit rows are kept" in _python(READ, after)
    with pytest.raises(backup.BackupError, match="--replace"):
        backup.restore(load_settings(environ=after), file)
