"""Staff of each role, and conversations to look at."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from bot.desk import accounts, drafts
from bot.desk.models import Role, SecondFactor, StaffProfile
from bot.records.models import Alert, AuditRow, Conversation, Message, Verdict

PASSWORD = "four unrelated words here"
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--window-size=1280,900")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WORDS = "i want to end it all, call me at 555-010-0177"


@pytest.fixture(autouse=True)
def _only_the_desk(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.desk.urls"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 is slow by design


@pytest.fixture(autouse=True)
def _content_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of all content takes long and has its own tests."""
    monkeypatch.setattr(drafts, "_kept", drafts.Content((), known=True))
    monkeypatch.setattr(drafts, "_due", time.monotonic() + 3600)


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """Return a function that makes a staff member with a settled password."""

    def make(name: str, role: str = Role.CLINICIAN) -> Any:
        user, _ = accounts.invite(name, f"{name.title()} Example", role)
        user.set_password(PASSWORD)
        user.save()
        StaffProfile.objects.filter(user=user).update(must_change=False)
        SecondFactor.objects.create(user=user, secret=SECRET)
        return user

    return make


@pytest.fixture
def enter(person: Callable[..., Any]) -> Callable[..., Client]:
    """Return a function that signs somebody in through the front door."""

    def sign_in(name: str = "ana", role: str = Role.CLINICIAN) -> Client:
        if not get_user_model().objects.filter(username=name).exists():
            person(name, role)
        client = Client(REMOTE_ADDR="203.0.113.9")
        answer = client.post("/desk/login/", {"name": name, "password": PASSWORD})
        assert answer["Location"] == "/desk/code/", answer.content
        answer = client.post("/desk/code/", {"code": fresh_code()})
        assert answer.status_code == 302, answer.content
        return client

    return sign_in


def fresh_code() -> str:
    """Return the code that the app shows now, which counts as not used yet."""
    SecondFactor.objects.update(last_step=0)
    return pyotp.TOTP(SECRET).now()


@pytest.fixture
def crisis(db: None) -> Conversation:
    """Return a locked conversation with an open P1 alert."""
    conversation = Conversation.objects.create(
        channel="sms", phone="+15550100134", tier="crisis", category="suicide", locked=True,
        question_open=True)
    said = Message.objects.create(conversation=conversation, sender="patient", text=WORDS)
    Verdict.objects.create(
        message=said, tier="crisis", category="suicide", subject="self", language="en", ms=0.7,
        reasons=[{"by": "lexicon", "rule": "suicide.active.end_it", "span": [2, 20], "score": 1.0}])
    Message.objects.create(
        conversation=conversation, sender="bot", kind="crisis", answers=said,
        text="Call or text 988. The clinic is at 555-010-9999. You wrote 555-010-0177.",
        extra={"resources": [{"label": "Call 988", "href": "tel:988"}],
               "choices": [{"label": "Talk to a person", "send": "/talk"}]})
    Alert.objects.create(conversation=conversation, message=said, priority="P1", reason="crisis.suicide")
    return conversation


@pytest.fixture
def calm(db: None) -> Conversation:
    """Return an ordinary web conversation."""
    conversation = Conversation.objects.create(channel="web")
    Message.objects.create(conversation=conversation, sender="patient", text="how long is a session <b>?")
    return conversation


def actions() -> list[str]:
    """Return what the audit says was done, oldest first."""
    return list(AuditRow.objects.order_by("id").values_list("action", flat=True))


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
    """Return a browser in which an administrator is signed in and looks at the queue."""
    person("ana", Role.ADMINISTRATOR)
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
