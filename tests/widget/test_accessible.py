"""For people who cannot see, cannot use a mouse, or need it large."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.widget import states, trees
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
def test_each_state_is_what_a_screen_reader_is_meant_to_meet(page: Page, axe_source: str,
                                                             state: Callable[[Page], None]) -> None:
    """After a wanted change: `python -m tests.widget.trees`, and read what it wrote."""
    page.size(*trees.SIZE)
    state(page)
    kept = trees.FOLDER / f"{state.__name__}.txt"
    assert trees.settled(page) == kept.read_text(encoding="utf-8")
    assert violations(page, axe_source) == []


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing_on_a_phone_in_the_dark(page: Page, axe_source: str,
                                                  state: Callable[[Page], None]) -> None:
    page.size(360, 740, dark=True)
    state(page)
    assert violations(page, axe_source) == []


@pytest.mark.parametrize("state", [states.in_crisis, states.contact_refused, states.unreachable],
                         ids=lambda state: state.__name__)
@pytest.mark.parametrize("look", ["forced-colours", "400-percent"])
def test_axe_finds_nothing_in_forced_colours_and_at_400_percent(page: Page, axe_source: str, look: str,
                                                               state: Callable[[Page], None]) -> None:
    page.size(*((1280, 900) if look == "forced-colours" else (320, 256)), forced=look == "forced-colours")
    state(page)
    assert violations(page, axe_source) == []
    assert page.shown(".footer a[href='tel:911']")


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
    page.one(".menu-button").click()
    wide = page.browser.execute_script(
        "return [...arguments[0].querySelectorAll('*')].filter((e) => e.getClientRects().length"
        " && !e.closest('.sr') && (e.getBoundingClientRect().right > innerWidth + 1"
        " || e.getBoundingClientRect().left < -1)).map((e) => e.className)",
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


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (320, 256), (740, 340)])
def test_what_has_the_focus_is_seen_and_nothing_lies_over_it(page: Page, width: int, height: int) -> None:
    page.size(width, height)
    states.asked_for_a_contact(page)
    names = set()
    for _ in range(40):
        page.press(Keys.TAB)
        if page.active().tag_name in ("body", "html") or not is_inside(page):
            continue
        names.add(page.focused())
        assert page.browser.execute_script(UNCOVERED, page.active()), page.focused()
        assert page.active().value_of_css_property("outline-style") != "none", page.focused()
    assert {"Quick exit", "More options", "Close chat", "Phone number", "Your message", "Send"} <= names


UNCOVERED = """
  const box = arguments[0].getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height, 24) / 2];
  const top = document.querySelector("clinic-assistant").shadowRoot.elementFromPoint(x, y);
  return x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight && (arguments[0].contains(top) || top.contains(arguments[0]));
"""


def test_the_bar_with_the_exit_never_scrolls_away(page: Page) -> None:
    states.times_offered(page)
    page.browser.execute_script("for (const each of arguments[0]) { each.scrollIntoView({ block: 'start' }); each.focus(); }",
                                page.all(".choice, .line, .footer a"))
    top = page.one(".panel").rect["y"]
    assert abs(page.one(".bar").rect["y"] - top) <= 1 and page.one(".panel").get_property("scrollTop") == 0


def is_inside(page: Page) -> bool:
    return bool(page.browser.execute_script("return document.activeElement.localName === 'clinic-assistant'"))


def test_nothing_moves_for_whoever_wants_it_still(page: Page) -> None:
    page.wishes(**{"prefers-reduced-motion": "reduce"})
    page.open()
    moving = page.browser.execute_script(
        "return document.getAnimations().filter((a) => a.playState === 'running').length"
        " + arguments[0].getAnimations({ subtree: true }).length", page.one(".panel"))
    assert moving == 0


def test_a_phones_keyboard_never_hides_the_input(page: Page) -> None:
    """Browsers differ in what a keyboard does to the page; all of them say by `visualViewport` what is left."""
    page.size(390, 844, touch=True)
    page.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
      const view = Object.assign(new EventTarget(), { width: 390, height: 844, offsetTop: 0, offsetLeft: 0, scale: 1 });
      Object.defineProperty(window, "visualViewport", { value: view });
    """})
    page.load().open()
    page.one("textarea").click()
    page.browser.execute_script(
        "visualViewport.height = 420; visualViewport.offsetTop = 60; visualViewport.dispatchEvent(new Event('resize'))")
    box, panel = page.one("textarea").rect, page.one(".panel").rect
    assert (panel["y"], panel["height"]) == (60, 420)
    assert box["y"] >= 60 and box["y"] + box["height"] <= 480
    page.browser.execute_script(
        "visualViewport.height = 844; visualViewport.offsetTop = 0; visualViewport.dispatchEvent(new Event('resize'))")
    assert page.one(".panel").rect["height"] == 844
