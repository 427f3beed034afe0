"""The demo page and its widget, as a test speaks of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.tools import Service

STORED = "JSON.parse(sessionStorage.getItem('clinic-assistant') || '{}')"


class Page:
    """Finds things inside the widget's shadow root and waits for what must come."""

    def __init__(self, browser: Any, base: str, service: Service | None = None) -> None:
        self.browser = browser
        self.base = base.rstrip("/")
        self.service = service

    def load(self, path: str = "/demo/") -> Page:
        """Load a page of the gateway's, or of another host where the whole address is given."""
        self.browser.get(path if path.startswith("http") else self.base + path)
        self.until(lambda: self.all(".launcher"), "the launcher")
        return self

    def until(self, condition: Callable[[], Any], what: str, seconds: float = 15) -> Any:
        ignored = [NoSuchElementException, StaleElementReferenceException]
        wait = WebDriverWait(self.browser, seconds, poll_frequency=0.05, ignored_exceptions=ignored)
        return wait.until(lambda _: condition(), f"no {what}")

    def all(self, selector: str) -> list[WebElement]:
        host = self.browser.find_elements(By.TAG_NAME, "clinic-assistant")
        return host[0].shadow_root.find_elements(By.CSS_SELECTOR, selector) if host else []

    def one(self, selector: str) -> WebElement:
        found = self.all(selector)
        if not found:
            raise NoSuchElementException(selector)
        return found[0]

    def shown(self, selector: str) -> bool:
        return any(element.is_displayed() for element in self.all(selector))

    def open(self) -> Page:
        """Open the chat and wait for the greeting, longer where the gateway slows down many new chats."""
        self.one(".launcher").click()
        self.until(lambda: self.all(".message.from-bot"), "greeting", 75)
        return self

    def say(self, text: str) -> None:
        self.one("textarea").send_keys(text, Keys.ENTER)

    def ask(self, text: str) -> WebElement:
        """Say something and return the assistant's next message."""
        before = len(self.all(".message.from-bot"))
        self.say(text)
        self.until(lambda: len(self.all(".message.from-bot")) > before, f"answer to {text!r}", 20)
        return self.all(".message.from-bot")[-1]

    def close(self) -> Page:
        self.one("[aria-label='Close chat']").click()
        return self

    def choose(self, label: str) -> None:
        """Take a choice of the last message and wait for the answer."""
        self._take(next(each for each in reversed(self.all(".choice")) if each.text == label))

    def choose_first(self) -> None:
        """Take the first choice of the last message and wait for the answer."""
        self._take(self.all(".message")[-1].find_element(By.CSS_SELECTOR, ".choice"))

    def _take(self, choice: WebElement) -> None:
        before = len(self.all(".message.from-bot"))
        self.browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", choice)
        choice.click()
        self.until(lambda: len(self.all(".message.from-bot")) > before, "answer to a choice", 20)

    def fill(self, text: str) -> None:
        """Write into the form under the last message and send it off."""
        field = self.one(".ask-form .field input")
        field.clear()
        field.send_keys(text, Keys.ENTER)

    def menu(self, action: str) -> None:
        self.one(".menu-button").click()
        self.one(f"[data-action={action}]").click()

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is; Shift before a key is held down with it."""
        chain = ActionChains(self.browser)
        for key in keys:
            if key.startswith(Keys.SHIFT):
                chain.key_down(Keys.SHIFT).send_keys(key[1:]).key_up(Keys.SHIFT)
            else:
                chain.send_keys(key)
        chain.perform()

    def focused(self) -> str:
        """Return the accessible name of what has the focus."""
        return str(self.active().accessible_name)

    def active(self) -> WebElement:
        """Return what has the focus, inside the widget or on the page."""
        script = ("const host = document.querySelector('clinic-assistant');"
                  "return host.shadowRoot.activeElement || document.activeElement")
        found: WebElement = self.browser.execute_script(script)
        return found

    def stored(self) -> dict[str, Any]:
        stored: dict[str, Any] = self.browser.execute_script(f"return {STORED}")
        return stored

    def offline(self, off: bool) -> None:
        """Cut the browser's line, or mend it."""
        self._line(off, 0)

    def slow(self, seconds: float) -> None:
        """Let every request wait."""
        self._line(False, 1000 * seconds)

    def _line(self, off: bool, latency: float) -> None:
        self.browser.execute_cdp_cmd("Network.enable", {})
        self.browser.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": off, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1})

    def size(self, width: int, height: int, *, dark: bool = False, touch: bool = False, forced: bool = False) -> None:
        """Give the tab a window of this size, and the visitor these wishes."""
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch})
        self.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": touch})
        self.wishes(**{"prefers-color-scheme": "dark" if dark else "light",
                       "forced-colors": "active" if forced else "none"})

    def wishes(self, **features: str) -> None:
        """Let the visitor prefer something, by the names of CSS media features."""
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": name, "value": value} for name, value in features.items()]})

    def pictured(self) -> bytes:
        """Return the tab as a PNG."""
        return bytes(self.browser.get_screenshot_as_png())

    def on_record(self) -> list[dict[str, Any]]:
        """Return the conversation as the server has it."""
        script = (f"const done = arguments[0]; const {{ token }} = {STORED};"
                  "fetch('/api/messages?after=0', { headers: { Authorization: `Bearer ${token}` } })"
                  ".then((r) => r.json()).then((body) => done(body.messages), () => done([]))")
        rows: list[dict[str, Any]] = self.browser.execute_async_script(script)
        return rows

    def requested(self) -> list[str]:
        """Return every address that the browser asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events
                if event["method"] == "Network.requestWillBeSent"]
