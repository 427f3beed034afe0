"""axe-core in the page that a browser shows."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from selenium import webdriver

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


def source() -> str:
    """Return the axe-core script that a development package carries."""
    spec = find_spec("axe_playwright_python")
    assert spec is not None
    assert spec.submodule_search_locations
    return (Path(spec.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


def violations(browser: webdriver.Chrome, axe: str) -> list[str]:
    """Return what axe finds wrong, with all folded parts open: rule and place."""
    browser.execute_script("for (const part of document.querySelectorAll('details')) part.open = true")
    browser.execute_script(axe)
    found: dict[str, Any] = browser.execute_async_script(
        "axe.run(document, { runOnly: arguments[0] }).then(arguments[1])", TAGS)
    assert len(found["passes"]) > 10
    return [f"{v['id']}: {node['target']}" for v in found["violations"] for node in v["nodes"]]
