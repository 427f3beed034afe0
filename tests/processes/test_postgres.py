"""The same code on a real PostgreSQL: the tests of everything that writes, and a chat with the whole service."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools import ROOT, Patient, Service, call, free_ports, initdb, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a PostgreSQL of our own and return the address of an empty database."""
    programs = initdb()
    assert programs is not None, "PostgreSQL is not installed"
    # PostgreSQL refuses to run as root; its own user cannot see into pytest's folders.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(subprocess.run([*user, "mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    port = free_ports(1)[0]
    subprocess.run([*user, str(programs), "-D", str(folder / "data"), "-U", "bot", "--auth=trust", "-E", "UTF8"],
                   check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen(
        [*user, str(programs.with_name("postgres")), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder),
         "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=250"],
        stderr=(tmp_path_factory.mktemp("pg") / "log").open("w"))
    try:
        ready = [str(programs.with_name("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(port)]
        wait_for(lambda: subprocess.run(ready).returncode == 0, 30, server)
        for name in ("clinic", "tests"):
            subprocess.run([str(programs.with_name("createdb")), "-h", "127.0.0.1", "-p", str(port), "-U", "bot", name],
                           check=True)
        yield f"postgres://bot@127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def test_everything_that_writes_passes_on_it(cluster: str) -> None:
    url = f"{cluster}/tests"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/records", "tests/channels", "tests/desk",
         "tests/scheduling"], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "DATABASE_URL": url, "TEST_DATABASE_URL": url})
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_whole_service_chats_on_it(cluster: str, trained: None, tmp_path: Path) -> None:
    url = f"{cluster}/clinic"
    with Service(tmp_path, DATABASE_URL=url) as service:
        assert set(service.parts().values()) == {"ready"}
        patient = Patient(service.base)
        said = ["what are the side effects?", "i'm going to kill myself tonight", "is parking free"]
        kinds = [patient.say(text)[0]["kind"] for text in said]
        assert kinds[:2] == ["answer", "crisis"]
        assert [row["text"] for row in patient.history() if row["from"] == "patient"] == said
        assert call(f"{service.base}/readyz")[0] == 200
    import psycopg2

    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT text FROM records_message WHERE sender = 'patient' ORDER BY id")
        assert [row[0] for row in cursor.fetchall()] == said
        cursor.execute("SELECT count(*) FROM records_alert WHERE priority = 'P1'")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT count(*) FROM rasa_dialogue")
        assert cursor.fetchone()[0] >= 1
    assert not (tmp_path / "var" / "bot.sqlite3").exists()


def test_a_backup_of_it_is_restored(cluster: str, tmp_path: Path) -> None:
    from bot.records import backup
    from bot.settings import load_settings
    from tests.records.test_backup import READ, SEED, _environment, _python

    def database(name: str) -> str:
        with_name = subprocess.run([str(initdb().with_name("createdb")), f"--maintenance-db={cluster}/postgres", name])  # type: ignore[union-attr]
        assert with_name.returncode == 0
        return f"{cluster}/{name}"

    before, after = (_environment(tmp_path / name, DATABASE_URL=database(name)) for name in ("before", "after"))
    _python(SEED, before)
    file = tmp_path / "b.tar.gz"
    assert "database.dump" in backup.write(load_settings(environ=before), file)
    backup.restore(load_settings(environ=after), file)
    assert "guarded audit rows are kept" in _python(READ, after)
    with pytest.raises(backup.BackupError, match="--replace"):
        backup.restore(load_settings(environ=after), file)
