"""One tag on a page of another host: its policy is kept, its colours and its direction are taken."""

from __future__ import annotations

import pytest

from tests.tools import free_ports
from tests.widget.host import clinic_page
from tests.widget.page import Page
from tests.widget.states import CRISIS

pytestmark = pytest.mark.browser


def complaints(page: Page) -> list[str]:
    found = [str(entry["message"]) for entry in page.browser.get_log("browser")]
    return [text for text in found if "favicon" not in text]


def test_it_works_under_a_policy_with_a_nonce_and_asks_no_other_host(page: Page) -> None:
    assert page.service is not None
    with clinic_page(page.service.site, page.base) as address:
        page.browser.get_log("browser")
        page.requested()
        page.load(address).open().ask("What is ketamine?")
        page.ask(CRISIS)
        page.one(".menu-button").click()
        page.load(address)
        page.until(lambda: page.all(".message.crisis"), "the chat after a reload")
        assert complaints(page) == []
        hosts = {url.split("/")[2] for url in page.requested() if url.startswith("http")}
        assert hosts <= {page.base.split("/")[2], page.service.site.split("/")[2]}
        assert page.browser.execute_script("return document.querySelectorAll('[style]').length") == 0
        assert page.browser.get_cookies() == []


def test_on_a_site_that_the_clinic_did_not_name_there_is_help_and_no_chat(page: Page) -> None:
    stranger = f"http://127.0.0.1:{free_ports(1)[0]}"
    with clinic_page(stranger, page.base) as address:
        page.load(address).one(".launcher").click()
        page.until(lambda: page.shown(".offline .line[href='tel:911']"), "help that needs no server")
        assert not page.all(".message")


def test_the_tag_sets_direction_theme_side_and_colour(page: Page) -> None:
    assert page.service is not None
    attributes = 'data-dir="rtl" data-theme="dark" data-position="left" data-color="#ffee00" data-label="Hi there"'
    with clinic_page(page.service.site, page.base, attributes) as address:
        page.load(address)
        launcher = page.one(".launcher")
        assert launcher.text == "Hi there"
        assert launcher.location["x"] < 100, "left is left, whichever way the page is read"
        page.open().ask("What is ketamine?")
        assert page.one(".send").location["x"] < page.one("textarea").location["x"]
        mine, theirs = page.one(".from-patient .bubble"), page.one(".from-bot .bubble")
        assert mine.location["x"] < theirs.location["x"] + theirs.size["width"] - mine.size["width"]
        ground, ink = (page.one(".from-patient .bubble").value_of_css_property(name)
                       for name in ("background-color", "color"))
        assert contrast(ground, ink) >= 4.5


def contrast(one: str, two: str) -> float:
    """Return the contrast of two colours by WCAG 2.2's formula."""
    def light(colour: str) -> float:
        parts = [float(part) / 255 for part in colour[colour.index("(") + 1:-1].split(",")[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)
