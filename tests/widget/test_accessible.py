"""For people who cannot see, cannot use a mouse, or need it large."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.widget.page import Page
from tests.widget.states import CRISIS, STATES

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


def violations(page: Page, axe: str) -> list[str]:
    page.browser.execute_script(axe)
    found: dict[str, Any] = page.browser.execute_async_script(
        "axe.run(document, { runOnly: arguments[0] }).then(arguments[1])", TAGS)
    assert len(found["passes"]) > 20
    return [f"{v['id']}: {node['target']}" for v in found["violations"] for node in v["nodes"]]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize(("width", "height", "dark"), [(1280, 900, False), (360, 740, True)])
def test_axe_finds_nothing(page: Page, axe_source: str, state: Callable[[Page], None], width: int,
                           height: int, dark: bool) -> None:
    page.size(width, height, dark=dark)
    state(page)
    assert violations(page, axe_source) == []


def test_the_whole_way_by_keyboard(page: Page) -> None:
    page.one(".launcher").send_keys(Keys.ENTER)
    page.until(lambda: page.all(".message.from-bot"), "greeting")
    assert page.focused() == "Your message"
    page.press(*"What is ketamine?", Keys.ENTER)
    page.until(lambda: len(page.all(".message.from-bot")) > 1, "answer", 20)
    assert page.focused() == "Your message"
    for _ in range(40):
        page.press(Keys.SHIFT + Keys.TAB)
        if page.focused() == "Close chat":
            break
    assert page.focused() == "Close chat"
    page.press(Keys.ENTER)
    assert not page.shown(".panel")
    assert "Chat with us" in page.focused()


def test_escape_closes_and_gives_the_focus_back_to_what_opened_it(page: Page) -> None:
    button = page.browser.find_element("css selector", "[data-clinic-assistant-open]")
    button.send_keys(Keys.ENTER)
    page.until(lambda: page.shown(".panel"), "chat")
    page.press(Keys.ESCAPE)
    assert not page.shown(".panel")
    assert page.browser.switch_to.active_element == button


def test_on_a_phone_the_page_behind_cannot_be_reached(page: Page) -> None:
    page.size(360, 740)
    page.open()
    for _ in range(25):
        page.press(Keys.TAB)
        inside = page.browser.execute_script(
            "return ['clinic-assistant', 'body'].includes(document.activeElement.localName)")
        assert inside


def test_answers_are_spoken_politely_and_help_at_once(page: Page) -> None:
    page.open()
    page.browser.execute_script("""
      window.spoken = { polite: [], assertive: [] };
      for (const region of arguments[0]) {
        new MutationObserver(() => region.textContent && spoken[region.ariaLive].push(region.textContent))
          .observe(region, { childList: true, characterData: true, subtree: true });
      }""", page.all(".panel [aria-live]"))
    answer = page.ask("What is ketamine?").find_element("css selector", ".text").text
    page.until(lambda: any(answer[:40] in text for text in spoken(page)["polite"]), "spoken answer")
    page.ask(CRISIS)
    page.until(lambda: spoken(page)["assertive"], "spoken help")
    assert "988" in spoken(page)["assertive"][0]
    page.load()
    page.until(lambda: page.all(".message.crisis"), "the chat after a reload")
    assert not any(region.get_property("textContent") for region in page.all("[aria-live=assertive]"))


def spoken(page: Page) -> dict[str, list[str]]:
    heard: dict[str, list[str]] = page.browser.execute_script("return window.spoken")
    return heard


def test_the_visible_log_is_not_a_live_region(page: Page) -> None:
    page.open()
    assert not page.all(".log[aria-live], .log [aria-live], .log[role=log]")


@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 256), (740, 340), (390, 844)])
def test_nothing_is_cut_off_sideways(page: Page, width: int, height: int) -> None:
    page.size(width, height)
    page.open().ask(CRISIS)
    wide = page.browser.execute_script(
        "return [...arguments[0].querySelectorAll('*')].filter((e) => e.getClientRects().length"
        " && !e.closest('.sr') && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className)",
        page.one(".panel"))
    assert wide == []
    assert page.shown(".footer a[href='tel:911']")


def test_it_reads_from_right_to_left_too(page: Page) -> None:
    page.size(360, 740)
    page.open()
    page.browser.execute_script("document.querySelector('clinic-assistant').dir = 'rtl'")
    page.ask("What is ketamine?")
    assert page.one(".from-patient .bubble").location["x"] < 40
    assert page.one(".from-bot .bubble").location["x"] > 0
    assert page.one(".send").location["x"] < page.one("textarea").location["x"]


def test_targets_are_large_enough(page: Page) -> None:
    page.open()
    page.one(".menu-button").click()
    small = [(e.accessible_name, e.size) for e in page.all("button, .footer a, summary, textarea")
             if e.is_displayed() and min(e.size["height"], e.size["width"]) < 24]
    assert small == []
    assert all(link.size["height"] >= 44 for link in page.all(".footer a"))


def test_typing_does_not_make_phones_zoom(page: Page) -> None:
    page.open()
    assert float(page.one("textarea").value_of_css_property("font-size").removesuffix("px")) >= 16


def test_the_tree_that_screen_readers_meet(page: Page) -> None:
    page.open().ask(CRISIS)
    nodes = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    seen = {(node.get("role", {}).get("value"), node.get("name", {}).get("value")) for node in nodes
            if not node.get("ignored")}
    for expected in [("button", "Quick exit"), ("button", "More options"), ("button", "Close chat"),
                     ("region", "Messages"), ("textbox", "Your message"), ("button", "Send"),
                     ("navigation", "Emergency numbers"), ("link", "Emergency: call 911"),
                     ("region", "Help right now")]:
        assert expected in seen
    dialog = next(name for role, name in seen if role == "dialog")
    assert dialog
