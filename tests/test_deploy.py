"""What docs/deploy/ holds is read by the programs that it is for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("assistant*"))
CI = bool(os.environ.get("CI"))


def needs(program: str) -> str:
    """Return a program's place; without it a test is skipped, and in CI fails."""
    found = shutil.which(program)
    if found is None and not CI:
        pytest.skip(f"{program} is not installed")
    assert found, f"{program} is not installed"
    return found


def test_the_alert_rules_speak_when_they_must() -> None:
    promtool = needs("promtool")
    for words in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        done = subprocess.run([promtool, *words], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.django_db
def test_every_metric_that_a_rule_or_page_names_is_there(client: object) -> None:
    from prometheus_client import generate_latest

    from bot.channels import metrics  # noqa: F401 # which makes them

    known = set(re.findall(r"^# TYPE (\w+) ", generate_latest().decode(), re.MULTILINE))
    rules, page = (DEPLOY / "prometheus" / "alerts.yml").read_text(), (ROOT / "docs" / "operations.md").read_text()
    named = set(re.findall(r"\bbot_\w+", rules)) | set(re.findall(r"`(bot_\w+)", page))
    for name in named:
        assert re.sub(r"_(bucket|count|sum)$", "", name) in known, name


def test_the_units_are_well_formed_and_closed_up(tmp_path: Path) -> None:
    analyze = needs("systemd-analyze")
    for unit in UNITS:
        text = unit.read_text().replace("/opt/assistant/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text)
    paths = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run([analyze, "verify", "--man=no", *paths], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "assistant" in line]
    assert done.returncode == 0 and complaints == [], done.stderr
    for path in (path for path in paths if path.endswith(("web.service", "rasa.service", "actions.service", "worker.service"))):
        done = subprocess.run([analyze, "security", "--offline=yes", "--threshold=45", path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout.splitlines()[-1]  # at most 4.5 of 10: "OK"


def test_units_and_procfile_start_the_same_processes() -> None:
    from bot.commands.run import read_procfile

    for name, command in read_procfile(ROOT / "Procfile").items():
        if name == "standin":  # never in public
            continue
        unit = (DEPLOY / "systemd" / f"assistant-{name}.service").read_text()
        wanted = command.replace("$BOT_HOST", "127.0.0.1").replace("$BOT_PORT", "8000").replace(" $NUMBER", "").replace("python", "/opt/assistant/.venv/bin/python", 1)
        assert f"ExecStart={wanted}\n" in unit, name


def _laid_over(*names: str) -> dict[str, Any]:
    """Return compose files as the engine lays them over each other, as far as the tests ask."""
    out: dict[str, Any] = {}
    for name in names:
        for part, entries in yaml.safe_load((DEPLOY / "container" / name).read_text()).items():
            if not isinstance(entries, dict):
                continue
            for key, value in entries.items():
                known = out.setdefault(part, {}).setdefault(key, {})
                for field, news in (value or {}).items():
                    old = known.get(field)
                    known[field] = {**old, **news} if isinstance(old, dict) else old + news if isinstance(old, list) else news
    return out


@pytest.mark.parametrize("files", [("compose.yml",), ("compose.yml", "compose.grown-up.yml")])
def test_compose_names_files_and_settings_that_exist(files: tuple[str, ...]) -> None:
    compose = _laid_over(*files)
    documented = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    for name in compose["services"]["assistant"]["environment"]:
        assert name in documented or name.removesuffix("_FILE") in documented, name
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("../"):
                assert (DEPLOY / "container" / source).exists(), source
            elif not source.startswith("./"):
                assert source in compose["volumes"], source
        assert set(service.get("secrets", ())) <= set(compose["secrets"])
        assert set(service.get("depends_on", ())) <= set(compose["services"])
        assert "ports" not in service or all("127.0.0.1" in str(port) for port in service["ports"])


def test_the_grown_up_proxy_spreads_over_both_web_processes(tmp_path: Path) -> None:
    command = _laid_over("compose.grown-up.yml")["services"]["proxy"]["command"][2].partition("&& exec")[0]
    (tmp_path / "nginx.conf").write_text("http {\n    include /etc/nginx/conf.d/*.conf;\n}\n")
    command = (command.replace("/tmp/", f"{tmp_path}/made-")
               .replace("/etc/nginx/conf.d/default.conf", str(DEPLOY / "nginx" / "clinic.conf"))
               .replace("/etc/nginx/nginx.conf", str(tmp_path / "nginx.conf")))
    subprocess.run(["sh", "-c", command], check=True)
    assert "server 127.0.0.1:8000; server 127.0.0.1:8001;" in (tmp_path / "made-clinic.conf").read_text()
    assert (tmp_path / "made-nginx.conf").read_text() == f"http {{\n    include {tmp_path}/made-clinic.conf;\n}}\n"


def test_the_container_file_copies_and_runs_what_is_there() -> None:
    text = (DEPLOY / "container" / "Containerfile").read_text()
    for words in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / word).exists() for word in words.split()), words
    assert "USER assistant" in text and "0.0.0.0" not in text
    for command in re.findall(r"-m bot (\w+)|\"bot\", \"(\w+)\"", text):
        assert (ROOT / "bot" / "commands" / f"{''.join(command)}.py").exists()
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", "var", ".git"} <= set(ignored)  # no secret and no patient's word in an image
