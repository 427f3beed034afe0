"""The demo page's phone."""

from __future__ import annotations

import pytest

from tests.widget.page import Page

pytestmark = pytest.mark.browser


def test_the_phone_texts_the_clinic(page: Page) -> None:
    page.browser.find_element("id", "sms-text").send_keys("HELP\n")
    page.until(lambda: page.browser.find_elements("css selector", ".texts .in"), "answer by text", 20)
    answer = page.browser.find_element("css selector", ".texts .in").text
    assert "911" in answer
    assert "988" in answer
