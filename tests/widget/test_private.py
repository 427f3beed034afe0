"""Nothing leaks to other hosts, and nothing is left behind."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from tests.widget.page import Page

pytestmark = pytest.mark.browser
EXIT = "https://www.weather.gov/"


def test_no_other_host_is_contacted_and_no_word_is_in_an_address(page: Page) -> None:
    page.open().ask("What is ketamine?")
    page.one(".menu-button").click()
    asked = page.requested()
    assert any("/api/messages" in url for url in asked)
    assert [url for url in asked if not url.startswith((page.base, "data:", "about:", "chrome"))] == []
    assert not any("ketamine" in url.lower() for url in asked)


def test_no_cookie_and_nothing_lasting_is_stored(page: Page) -> None:
    page.open().ask("What is ketamine?")
    assert page.browser.get_cookies() == []
    assert page.browser.execute_script("return localStorage.length") == 0
    assert page.browser.execute_script("return Object.keys(sessionStorage)") == ["clinic-assistant"]


def test_the_strict_policy_is_never_broken(page: Page) -> None:
    page.open().ask("What happens during an IV session?")
    page.menu("clear")
    complaints = [entry["message"] for entry in page.browser.get_log("browser")]
    assert [text for text in complaints if "Content Security Policy" in text or "TrustedHTML" in text] == []


def gone(page: Page) -> None:
    page.until(lambda: page.browser.current_url == EXIT, "neutral page")
    page.browser.get(page.base + "/healthz")
    assert page.browser.execute_script("return sessionStorage.length") == 0


def test_quick_exit_leaves_nothing_in_the_tab(page: Page) -> None:
    page.open().ask("What is ketamine?")
    page.one(".exit").click()
    gone(page)


def test_quick_exit_does_not_wait_for_an_answer(page: Page) -> None:
    page.open().say("What is ketamine?")
    page.one(".exit").click()
    gone(page)


@pytest.mark.parametrize("width", [1280, 360])
def test_escape_twice_is_a_quick_exit(page: Page, width: int) -> None:
    page.size(width, 800)
    page.open()
    page.press(Keys.ESCAPE, Keys.ESCAPE)
    gone(page)


def test_the_way_back_does_not_lead_to_the_chat(page: Page) -> None:
    page.open().one(".exit").click()
    page.until(lambda: page.browser.current_url == EXIT, "neutral page")
    page.browser.back()
    assert "/demo/" not in page.browser.current_url


def test_quick_exit_clears_the_other_tab_too(page: Page) -> None:
    page.open().ask("What is ketamine?")
    first = page.browser.current_window_handle
    page.browser.switch_to.new_window("tab")
    Page(page.browser, page.base).load().open().one(".exit").click()
    page.browser.switch_to.window(first)
    page.until(lambda: not page.shown(".panel"), "closed chat")
    assert "token" not in page.stored() or page.stored()["token"] is None
    assert not page.all(".message")
