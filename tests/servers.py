"""Real PostgreSQL and Redis servers of the tests' own, on free ports of this machine."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path

from tests.tools import ROOT, free_ports, initdb, wait_for


class PostgreSQL:
    """A cluster of its own, gone when the tests end."""

    def __init__(self, durable: bool = False) -> None:
        programs = initdb()
        assert programs is not None, "PostgreSQL is not installed (apt-get install postgresql)"
        self._bin, self.port = programs.parent, free_ports(1)[0]
        # PostgreSQL refuses to run as root; its own user cannot see into pytest's folders.
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        made = subprocess.run([*self._user, "mktemp", "-d"], capture_output=True, text=True, check=True)
        self._folder = Path(made.stdout.strip())
        subprocess.run([*self._user, str(programs), "-D", str(self._folder / "data"), "-U", "bot", "--auth=trust",
                        "-E", "UTF8"], check=True, stdout=subprocess.DEVNULL)
        self._durable = durable
        self.process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        fsync = "on" if self._durable else "off"
        self.process = subprocess.Popen(
            [*self._user, str(self._bin / "postgres"), "-D", str(self._folder / "data"), "-p", str(self.port),
             "-k", str(self._folder), "-c", "listen_addresses=127.0.0.1", "-c", f"fsync={fsync}",
             "-c", "max_connections=300"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, text=True)
        ready = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_for(lambda: subprocess.run(ready).returncode == 0, 30, self.process)

    def stop(self) -> None:
        """Break every connection and stop, as an immediate shutdown or a power cut does."""
        control = [*self._user, str(self._bin / "pg_ctl"), "-D", str(self._folder / "data"), "-m", "immediate"]
        subprocess.run([*control, "stop"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if self.process is not None:
            self.process.wait(30)

    def database(self) -> str:
        """Return the address of a new, empty database."""
        name = f"t{uuid.uuid4().hex[:12]}"
        subprocess.run([str(self._bin / "createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "bot", name],
                       check=True)
        return f"postgres://bot@127.0.0.1:{self.port}/{name}"

    def end(self) -> None:
        """Stop the server and remove what it kept."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class Redis:
    """A Redis of its own that keeps nothing on disk."""

    def __init__(self) -> None:
        assert shutil.which("redis-server"), "Redis is not installed (apt-get install redis-server)"
        self.port = free_ports(1)[0]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.mkdtemp()
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        from redis import Redis as Client
        from redis.exceptions import RedisError

        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", self._folder], stdout=subprocess.DEVNULL)

        def answers() -> bool:
            try:
                return bool(Client(port=self.port).ping())
            except RedisError:
                return False

        wait_for(answers, 30)

    def stop(self) -> None:
        """Kill the server."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)

    def end(self) -> None:
        """Kill the server and remove its folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class Proxy:
    """An nginx in front of several web processes, set up as `docs/grown-up.md` says."""

    CONF = """
        daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 2048; }}
        http {{
          access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
          fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
          upstream web {{ {servers} keepalive 32; }}
          server {{
            listen 127.0.0.1:{port};
            location / {{
              proxy_pass http://web; proxy_http_version 1.1; proxy_set_header Connection "";
              proxy_set_header Host $http_host; proxy_buffering off; proxy_connect_timeout 2s;
              proxy_next_upstream error timeout non_idempotent; proxy_next_upstream_tries 2;
            }}
          }}
        }}
    """

    def __init__(self, ports: list[int]) -> None:
        program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        assert program, "nginx is not installed (apt-get install nginx-light)"
        self.port, self._folder = free_ports(1)[0], tempfile.mkdtemp()
        self.base = f"http://127.0.0.1:{self.port}"
        upstream = " ".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;" for port in ports)
        conf = Path(self._folder) / "nginx.conf"
        conf.write_text(self.CONF.format(folder=self._folder, servers=upstream, port=self.port))
        self.process = subprocess.Popen([program, "-c", str(conf), "-p", self._folder], stderr=subprocess.DEVNULL)

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        wait_for(listens, 20)

    def end(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)


__all__ = ["ROOT", "PostgreSQL", "Proxy", "Redis", "grown_up", "postgresql", "redis", "surroundings"]
_postgresql: PostgreSQL | None = None
_redis: Redis | None = None


def postgresql() -> PostgreSQL:
    """Return this run's PostgreSQL, started at the first call and ended with the run."""
    global _postgresql
    if _postgresql is None:
        _postgresql = PostgreSQL()
        atexit.register(_postgresql.end)
    return _postgresql


def redis() -> Redis:
    """Return this run's Redis, started at the first call and ended with the run."""
    global _redis
    if _redis is None:
        _redis = Redis()
        atexit.register(_redis.end)
    return _redis


def grown_up() -> bool:
    """Return whether this run is to use PostgreSQL and Redis (`TEST_ON=postgresql`)."""
    return os.environ.get("TEST_ON", "sqlite") == "postgresql"


def surroundings() -> dict[str, str]:
    """Return the settings of a service of its own: an empty database, and Redis, where the run asks for them."""
    if not grown_up():
        return {"DATABASE_URL": "", "REDIS_URL": ""}
    return {"DATABASE_URL": postgresql().database(), "REDIS_URL": redis().url}
