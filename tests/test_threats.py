"""Every row of docs/threats.md names tests, and they are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROWS = [line for line in (ROOT / "docs" / "threats.md").read_text().splitlines()
        if line.startswith("| ") and not line.startswith("| threat ")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_the_tests_of_a_row_are_there(row: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row.rsplit("|", 2)[1])
    assert named
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text())
        assert test in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}, test


def test_no_attack_is_left_out_of_the_page() -> None:
    page = (ROOT / "docs" / "threats.md").read_text()
    for path in (ROOT / "tests" / "attacks").glob("test_*.py"):
        assert f"tests/attacks/{path.name}" in page, path.name
