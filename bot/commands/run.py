"""Start everything: web, rasa, actions and worker, under one supervisor."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from bot.commands import _watch
from bot.dialogue.environment import export
from bot.settings import ROOT, Environment, SettingsError, get_settings

READY_WITHIN = 120.0  # seconds
# honcho ends all processes when one ends; supervisor brings the one back.
CONFIG = """\
[supervisord]
nodaemon=true
logfile={log}/supervisor.log
pidfile={var}/supervisor.pid
childlogdir={log}
"""
PROGRAM = """
[program:{name}]
command={command}
directory={root}
autostart=true
autorestart=true
startsecs=2
startretries=1000000
stopwaitsecs=8
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={log}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--no-train", action="store_true", help="start with the models that are there")


def run(args: argparse.Namespace) -> int:
    """Train what is stale, migrate, start, print the addresses, and wait for Ctrl-C."""
    settings = get_settings()
    env = export()
    check_ports(env)
    refuse_public_drafts()
    # Side by side, and in a process of its own: what training takes of memory goes back with it.
    training = None if args.no_train else subprocess.Popen([sys.executable, "-m", "bot", "train", "--quiet"], cwd=ROOT)
    try:
        migrate()
        first = first_user()
    finally:
        failed = training is not None and training.wait() != 0
    if failed:
        return 1
    for number in (signal.SIGINT, signal.SIGTERM):  # also when a shell started us in the background
        signal.signal(number, _interrupt)
    supervisor = start(env)
    try:
        if not wait_until_ready(env, supervisor):
            if supervisor.poll() is not None:
                print(f"error: the supervisor ended; see {env.var}/log/", file=sys.stderr)
                return 1
            # What is up goes on serving: danger is answered without the rest.
            print(f"warning: not all parts are ready after {READY_WITHIN:.0f} s; see {env.var}/log/", file=sys.stderr)
        print_addresses(env, settings.clinic.clinic, first)
        return watch(env, supervisor)
    except KeyboardInterrupt:
        return 0
    finally:
        stop(supervisor)


def check_ports(env: Environment) -> None:
    """Raise `SettingsError` naming the first port that something else already uses."""
    groups = [("BOT_PORT", env.host, env.port, env.processes.web),
              ("RASA_PORT", "127.0.0.1", env.rasa_port, env.processes.rasa),
              ("ACTIONS_PORT", "127.0.0.1", env.actions_port, env.processes.actions)]
    wanted = [(name, host, port + number) for name, host, port, count in groups for number in range(count)]
    if env.uses_standin:
        wanted.append(("STANDIN_PORT", "127.0.0.1", env.standin_port))
    for name, host, port in wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                raise SettingsError(f"port {port} is already in use; set {name} to a free one") from None


def refuse_public_drafts() -> None:
    """Raise `SettingsError` when unsigned words would be shown to the public."""
    settings = get_settings()
    if not settings.env.is_public or settings.clinic.drafts.allow_public:
        return
    from bot.commands.doctor import findings

    drafts = [found for found in findings() if found.topic == "draft"]
    if drafts:
        raise SettingsError(
            f"clinic.yml: drafts.allow_public: {len(drafts)} texts are not signed by a clinician, and PUBLIC_URL is "
            "public; have them signed (see `python -m bot doctor`) or set it to true")


def migrate() -> None:
    """Bring the database up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bot.site.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def first_user() -> tuple[str, str] | None:
    """Return name and one-time password of the first staff user, while nobody has signed in."""
    from bot.desk.accounts import create_first_user

    return create_first_user()


def start(env: Environment) -> subprocess.Popen[bytes]:
    """Start the supervisor over the processes of the Procfile."""
    log = env.var / "log"
    log.mkdir(parents=True, exist_ok=True)
    text = CONFIG.format(log=log, var=env.var)
    for name, command in read_procfile(ROOT / "Procfile").items():
        if name == "standin" and not env.uses_standin:
            continue
        command = command.replace("$BOT_HOST", env.host).replace("python", sys.executable, 1).replace("%", "%%")
        for number in range(getattr(env.processes, name, 1)):
            numbered = command.replace("$BOT_PORT", str(env.port + number)).replace("$NUMBER", str(number))
            text += PROGRAM.format(name=f"{name}{number or ''}", command=numbered, root=ROOT, log=log)
    config = env.var / "supervisor.conf"
    config.write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
                   "DJANGO_SETTINGS_MODULE": "bot.site.settings", "PYTHONUNBUFFERED": "1",
                   "PYTHONWARNINGS": "ignore"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled modules are what makes a second start quick
    return subprocess.Popen([sys.executable, "-m", _watch.SUPERVISOR, "-c", str(config)],
                            env=environment, stdout=subprocess.DEVNULL, stderr=(log / "supervisor.err").open("wb"),
                            start_new_session=True)


def watch(env: Environment, supervisor: subprocess.Popen[bytes]) -> int:
    """Return the supervisor's status once it ends; meanwhile end whatever hangs, and replace one that was killed."""
    try:
        while True:
            looking = _watch.Watch(_watch.processes_of(env), supervisor.pid)
            looking.look()
            while supervisor.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    supervisor.wait(_watch.EVERY)
                looking.look()
            if supervisor.returncode == 0:
                return 0
            print("warning: the supervisor was killed; everything is started anew", file=sys.stderr)
            looking.end_orphans()
            time.sleep(1)
            supervisor = start(env)
    finally:
        stop(supervisor)


def read_procfile(path: Path) -> dict[str, str]:
    """Return the processes of a Procfile, name → command."""
    lines = (line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#"))
    return {name.strip(): command.strip() for name, _, command in (line.partition(":") for line in lines)}


def wait_until_ready(env: Environment, supervisor: subprocess.Popen[bytes]) -> bool:
    """Return whether every part became ready in time."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and supervisor.poll() is None:
        parts = ready_parts(env)
        if parts and all(parts.get(name) == "ready" for name in ("records", "rasa", "actions", "screen")):
            return True
        time.sleep(0.2)
    return False


def ready_parts(env: Environment) -> dict[str, str]:
    """Return what `/readyz` says of each part; empty while the web process is not up."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{env.port}/readyz", timeout=3) as response:
            return dict(json.load(response)["parts"])
    except urllib.error.HTTPError as error:
        return dict(json.load(error)["parts"]) if error.code == 503 else {}
    except (OSError, ValueError, KeyError):
        return {}


def stop(supervisor: subprocess.Popen[bytes]) -> None:
    """End all processes, and wait until they have."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if supervisor.poll() is None:
        supervisor.terminate()
        try:
            supervisor.wait(20)
        except subprocess.TimeoutExpired:
            supervisor.kill()


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def print_addresses(env: Environment, clinic: str, first: tuple[str, str] | None) -> None:
    """Say where everything is."""
    base = f"http://{env.host}:{env.port}"
    print(f"\n{clinic} is up. Ctrl-C ends it.\n")
    print(f"  Demo page with the widget    {base}/demo/")
    if env.uses_standin:
        print(f"  SMS simulator                {base}/demo/#sms")
    print(f"  Staff desk                   {base}/desk/")
    if first:
        print(f"      sign in as {first[0]!r} with the one-time password {first[1]}")
    print(f"  Health                       {base}/readyz")
    print(f"  Logs                         {env.var}/log/\n")
    print("  Everything it says is a draft that no clinician has signed: `python -m bot doctor` lists it.\n",
          flush=True)
