"""The live pages in a real Chromium: rows and messages arrive by themselves, and nothing typed is lost."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from bot.records.models import Alert, Conversation, Message
from tests.desk.conftest import PASSWORD, fresh_code

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--window-size=1280,900")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """Return a fresh Chromium that keeps its console."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in (*FLAGS, f"--user-data-dir={tmp_path}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def desk(browser: webdriver.Chrome, live_server: Any, person: Callable[..., Any]) -> webdriver.Chrome:
    """Return a browser that is signed in and looks at the queue."""
    person("ana")
    browser.get(f"{live_server.url}/desk/login/")
    browser.find_element(By.ID, "name").send_keys("ana")
    browser.find_element(By.ID, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "button.main").click()
    wait(browser, lambda: browser.find_elements(By.ID, "code"))
    browser.find_element(By.ID, "code").send_keys(fresh_code())
    browser.find_element(By.CSS_SELECTOR, "button.main").click()
    wait(browser, lambda: browser.find_elements(By.ID, "queue"))
    return browser


def wait(browser: webdriver.Chrome, condition: Callable[[], Any], seconds: float = 20) -> Any:
    """Return what the condition gives once it is true."""
    # The page renews its parts by itself, so an element may be gone between finding and reading it.
    patient = WebDriverWait(browser, seconds, poll_frequency=0.1,
                            ignored_exceptions=[StaleElementReferenceException])
    return patient.until(lambda _: condition())


def complaints(browser: webdriver.Chrome) -> list[str]:
    """Return what the browser complains of, such as a breach of the content policy."""
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_an_alert_appears_by_itself_and_the_focus_stays(desk: webdriver.Chrome, crisis: Conversation) -> None:
    row = wait(desk, lambda: desk.find_elements(By.ID, f"row-{crisis.case}"))[0]
    desk.execute_script("arguments[0].focus()", row)
    other = Conversation.objects.create(channel="web", tier="emergency")
    Alert.objects.create(conversation=other, priority="P1", reason="emergency.overdose")
    wait(desk, lambda: desk.find_elements(By.ID, f"row-{other.case}"))
    assert desk.switch_to.active_element.get_attribute("id") == f"row-{crisis.case}"
    assert desk.title.startswith("(2) ")
    assert other.case in desk.find_element(By.ID, "alarm").get_attribute("textContent")
    assert complaints(desk) == []


def test_a_message_arrives_while_a_reply_is_typed(desk: webdriver.Chrome, live_server: Any,
                                                  crisis: Conversation) -> None:
    desk.get(f"{live_server.url}/desk/c/{crisis.case}/")
    desk.find_element(By.CSS_SELECTOR, "#reply button.main").click()
    box = wait(desk, lambda: desk.find_elements(By.ID, "text"))[0]
    box.send_keys("I am calling")
    Message.objects.create(conversation=crisis, sender="patient", text="ok thank you")
    Alert.objects.update(acknowledged_at="2026-01-01T00:00:00Z", outcome="reached")
    other = Conversation.objects.create(channel="web", tier="emergency")
    Alert.objects.create(conversation=other, priority="P1", reason="emergency.overdose")
    wait(desk, lambda: "ok thank you" in desk.find_element(By.ID, "lines").text)
    wait(desk, lambda: not desk.find_elements(By.CSS_SELECTOR, ".alert"))
    assert box.get_attribute("value") == "I am calling"
    wait(desk, lambda: other.case in desk.find_element(By.ID, "alarm").get_attribute("textContent"))
    desk.find_element(By.CSS_SELECTOR, "#reply button.main").click()
    wait(desk, lambda: "I am calling" in desk.find_element(By.ID, "lines").text)
    assert Message.objects.filter(sender="staff").count() == 1
    assert complaints(desk) == []


def test_the_queue_is_worked_by_keys(desk: webdriver.Chrome, crisis: Conversation) -> None:
    wait(desk, lambda: desk.find_elements(By.ID, f"row-{crisis.case}"))
    desk.find_element(By.TAG_NAME, "body").send_keys("j")
    assert desk.switch_to.active_element.get_attribute("id") == f"row-{crisis.case}"
    desk.switch_to.active_element.send_keys("\n")
    wait(desk, lambda: desk.find_elements(By.ID, "case"))
    desk.find_element(By.TAG_NAME, "body").send_keys("u")
    wait(desk, lambda: desk.find_elements(By.ID, "queue"))
    desk.find_element(By.TAG_NAME, "body").send_keys("/")
    assert desk.switch_to.active_element.get_attribute("id") == "words"


def test_an_ended_session_is_said_aloud(desk: webdriver.Chrome) -> None:
    desk.delete_all_cookies()
    banner = desk.find_element(By.ID, "signed-off")
    wait(desk, banner.is_displayed)
    assert "signed off" in banner.text
    assert desk.title.startswith("! ")


@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_sticks_out_on_a_phone(desk: webdriver.Chrome, live_server: Any, crisis: Conversation,
                                       width: int) -> None:
    Message.objects.create(conversation=crisis, sender="patient", text="x" * 300)
    desk.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                         {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": True})
    for path in ("", f"c/{crisis.case}/", "content/", "password/"):
        desk.get(f"{live_server.url}/desk/{path}")
        time.sleep(0.2)
        assert desk.execute_script("return document.documentElement.scrollWidth <= innerWidth"), path
