"""Debian's Chromium, without a window and without a way out of this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from selenium import webdriver

CHROMIUM, DRIVER = "chromium", "chromedriver"
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
           "--window-size=1280,900", "--hide-scrollbars",
           # Nothing but this machine can be reached, whatever a page asks for.
           "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")


def installed() -> bool:
    """Return whether there is a browser to test with."""
    return bool(shutil.which(CHROMIUM) and shutil.which(DRIVER))


def start(profile: Path) -> Any:
    """Return a browser with an empty profile in `profile`."""
    options: Any = webdriver.ChromeOptions()
    options.binary_location = shutil.which(CHROMIUM)
    for option in (*OPTIONS, f"--user-data-dir={profile}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser: Any = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which(DRIVER)))
    browser.set_script_timeout(30)
    return browser
