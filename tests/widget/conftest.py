"""A real Chromium on the demo page of a real gateway."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.tools import Service
from tests.widget.browser import installed, start
from tests.widget.page import Page


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser with an empty profile; without Chromium the tests are skipped, except where `CI` is set."""
    if not installed():
        reason = "chromium and chromedriver are not installed: the widget was not tested in a browser"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    browser = start(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.quit()


@pytest.fixture
def page(chrome: Any, live_service: Service) -> Iterator[Page]:
    """The demo page in a tab of its own: nothing is left of the tests before."""
    before = chrome.current_window_handle
    chrome.switch_to.new_window("tab")
    chrome.get_log("performance")
    chrome.get_log("browser")
    try:
        yield Page(chrome, live_service.base, live_service).load()
    finally:
        for handle in chrome.window_handles:
            if handle != before:
                chrome.switch_to.window(handle)
                chrome.close()
        chrome.switch_to.window(before)


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The axe-core script that a development package carries."""
    spec = find_spec("axe_playwright_python")
    if spec is None or not spec.submodule_search_locations:
        pytest.fail("axe-playwright-python is not installed")
    return (Path(spec.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")
