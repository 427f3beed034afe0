"""What a page pays for the widget while nobody chats; what it takes in milliseconds is measured by `bench/widget.py`."""

from __future__ import annotations

import pytest

from tests.widget.page import Page

pytestmark = pytest.mark.browser


def test_until_it_is_opened_there_is_a_button_and_no_call(page: Page) -> None:
    page.requested()
    page.load()
    assert not page.all("dialog, textarea, .panel")
    script = "return document.querySelector('clinic-assistant').shadowRoot.querySelectorAll('*').length"
    assert page.browser.execute_script(script) < 10
    page.open()
    asked = page.requested()
    first = next(number for number, url in enumerate(asked) if "/api/" in url)
    assert asked[first].endswith("/api/conversations")
    assert any(url.endswith("/widget.js") for url in asked[:first])
    assert not any("/api/" in url for url in asked[:first])


def test_a_closed_chat_that_was_opened_cannot_be_reached(page: Page) -> None:
    page.open().close()
    panel = page.one(".panel")
    assert panel.get_property("inert") is True and not panel.is_displayed()
    page.one(".launcher").click()
    assert panel.get_property("inert") is False
    page.until(panel.is_displayed, "open chat")
