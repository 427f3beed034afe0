"""The command line as a stranger uses it: results on stdout, reasons on stderr, never a traceback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools import ROOT, free_ports


def bot(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it said."""
    return subprocess.run([sys.executable, "-m", "bot", *arguments], input=stdin, capture_output=True, text=True,
                          cwd=ROOT, env={**os.environ, **environment}, timeout=180, check=False)


@pytest.mark.parametrize("command", ["run", "train", "screen", "ask", "chat", "evaluate", "doctor", "staff", "nightly",
                                     "corrections", "sms", "backup", "restore"])
def test_every_command_explains_itself(command: str) -> None:
    from bot.__main__ import main

    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0


def test_wrong_use_is_status_2() -> None:
    assert bot("dance").returncode == 2


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    web, rasa, actions = free_ports(3)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", rasa))
        taken.listen()
        done = bot("run", "--no-train", BOT_VAR=str(tmp_path), BOT_PORT=str(web), RASA_PORT=str(rasa),
                   ACTIONS_PORT=str(actions))
    assert done.returncode == 1
    assert done.stderr == f"error: port {rasa} is already in use; set RASA_PORT to a free one\n"


def test_a_broken_settings_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "clinic.yml").write_text("clinic: [\n")
    done = bot("doctor", CLINIC_FILE=str(tmp_path / "clinic.yml"), BOT_VAR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("error: clinic.yml: line") and done.stderr.count("\n") == 1


def test_a_public_start_refuses_drafts(tmp_path: Path) -> None:
    web, rasa, actions = free_ports(3)
    done = bot("run", "--no-train", BOT_VAR=str(tmp_path), BOT_PORT=str(web), RASA_PORT=str(rasa),
               ACTIONS_PORT=str(actions), PUBLIC_URL="https://chat.clinic.example")
    assert done.returncode == 1
    assert "not signed by a clinician" in done.stderr and done.stderr.count("\n") == 1


class TestScreen:
    def test_a_bare_text(self) -> None:
        done = bot("screen", "I want to kill myself")
        verdict = json.loads(done.stdout)
        assert done.returncode == 0
        assert verdict["text"] == "I want to kill myself" and verdict["tier"] == "crisis"
        assert {"category", "subject", "language", "reasons", "ms"} <= set(verdict)
        start, end = verdict["reasons"][0]["span"]
        assert "kill" in verdict["text"][start:end]

    def test_lines_in_order_and_bad_ones_reported(self) -> None:
        lines = ['{"text": "hi"}', "no json", '{"txt": "x"}', '{"text": ""}', '{"text": "\\ud800 i took all my pills"}']
        done = bot("screen", stdin="\n".join(lines) + "\n")
        assert done.returncode == 1
        tiers = [json.loads(line)["tier"] for line in done.stdout.splitlines()]
        assert tiers == ["none", "none", "emergency"]
        assert "line 2" in done.stderr and "line 3" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
class TestAsk:
    def test_answers_refusals_and_a_crisis(self, trained: None) -> None:
        questions = ["What are the side effects?", "how many mg do i get", "i want to die",
                     "does ketamine help with suicidal thoughts?", "what's the capital of peru"]
        done = bot("ask", stdin="".join(json.dumps({"question": q}) + "\n" for q in questions))
        assert done.returncode == 0, done.stderr
        replies = [json.loads(line) for line in done.stdout.splitlines()]
        assert [reply["question"] for reply in replies] == questions
        kinds = [reply["kind"] for reply in replies]
        assert kinds[:4] == ["answer", "refer", "crisis", "answer"]
        assert kinds[4] in ("abstain", "out_of_scope")
        articles = ROOT / "data" / "articles"
        for source in replies[0]["sources"]:
            assert source["quote"] and any(source["article"] in path.read_text() for path in articles.glob("*.md"))
        assert "988" in replies[3]["text"]

    def test_a_bare_question(self, trained: None) -> None:
        done = bot("ask", "is it addictive?")
        reply = json.loads(done.stdout)
        assert reply["kind"] == "answer" and "K-DEP" in reply["caveats"]


@pytest.mark.slow
def test_a_chat_in_the_terminal(trained: None, tmp_path: Path) -> None:
    done = bot("chat", stdin="what are the side effects?\ni want to kill myself\n", BOT_VAR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "automated assistant" in done.stdout and "nausea" in done.stdout and "988" in done.stdout
