"""A real Chromium on the demo page of a real gateway."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from tests.widget.page import Page

CHROMIUM, DRIVER = "chromium", "chromedriver"
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
           "--window-size=1280,900",
           # Nothing but this machine can be reached, whatever a page asks for.
           "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser with an empty profile; without Chromium the tests are skipped, except where `CI` is set."""
    binary, driver = shutil.which(CHROMIUM), shutil.which(DRIVER)
    if not binary or not driver:
        reason = f"{CHROMIUM} and {DRIVER} are not installed: the widget was not tested in a browser"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    options: Any = webdriver.ChromeOptions()
    options.binary_location = binary
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    browser.set_script_timeout(30)
    yield browser
    browser.quit()


@pytest.fixture
def page(chrome: Any, live_gateway: str) -> Iterator[Page]:
    """The demo page in a tab of its own: nothing is left of the tests before."""
    before = chrome.current_window_handle
    chrome.switch_to.new_window("tab")
    chrome.get_log("performance")
    chrome.get_log("browser")
    try:
        yield Page(chrome, live_gateway).load()
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
