"""From the question to a booked visit: by keyboard alone, by the forms, with the calendar file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from selenium.webdriver.common.keys import Keys

from tests.widget import states
from tests.widget.page import Page

pytestmark = pytest.mark.browser
BACK = Keys.SHIFT + Keys.TAB


def go_to(page: Page, name: str, key: str = Keys.TAB, most: int = 60) -> None:
    """Press Tab, or Shift and Tab, until something with this name has the focus."""
    for _ in range(most):
        if page.focused().startswith(name):
            return
        page.press(key)
    raise AssertionError(f"{name!r} cannot be reached by keyboard; the focus is on {page.focused()!r}")


def answered(page: Page, count: int) -> None:
    page.until(lambda: len(page.all(".message.from-bot")) >= count, f"message {count} of the assistant", 20)


def test_from_the_page_to_a_booked_visit_and_back_without_a_mouse(page: Page, downloads: Path) -> None:
    go_to(page, "Questions? Chat with us")
    page.press(Keys.ENTER)
    answered(page, 1)
    assert page.focused() == "Your message"
    page.press(*states.BOOK, Keys.ENTER)
    answered(page, 2)
    go_to(page, "The first one free", BACK)
    page.press(Keys.SPACE)
    answered(page, 3)
    assert page.focused() == "The first one free (chosen)"
    page.press(Keys.TAB)
    assert page.active().get_attribute("class") == "choice", "the first free time is next"
    page.press(Keys.ENTER)
    answered(page, 4)
    page.until(lambda: page.focused() == "First name", "focus in the form")
    page.press(*"Sam", Keys.ENTER)
    answered(page, 5)
    page.until(lambda: page.focused() == "Phone number", "focus in the next form")
    go_to(page, "Phone number", BACK)
    page.press(BACK, Keys.ARROW_RIGHT)
    assert page.focused() == "E-mail address" and page.active().get_attribute("type") == "radio"
    go_to(page, "E-mail address")
    page.press(Keys.TAB, *"sam@example.com", Keys.ENTER)
    answered(page, 6)
    assert "You're booked, Sam" in page.all(".message.from-bot .text")[-1].text
    assert page.focused() == "Your message", "the form went, and the focus is not lost"
    go_to(page, "Add to my calendar", BACK)
    page.press(Keys.ENTER)
    assert page.until(lambda: list(downloads.glob("*.ics")), "calendar file")
    page.press(Keys.ESCAPE)
    assert not page.shown(".panel")
    assert page.focused().startswith("Questions? Chat with us")


@pytest.fixture
def downloads(page: Page, tmp_path: Path) -> Path:
    """A folder that the browser saves files in."""
    page.browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    return tmp_path


def test_the_calendar_file_holds_the_visit_and_no_word_on_its_reason(page: Page, downloads: Path) -> None:
    states.booked(page)
    page.one(".line[href$='.ics']").click()
    file = page.until(lambda: list(downloads.glob("*.ics")), "calendar file")[0]
    page.until(lambda: not list(downloads.glob("*.crdownload")), "whole file")
    visit: Any = Calendar.from_ical(file.read_bytes()).walk("VEVENT")[0]
    said = page.all(".message.from-bot .text")[-1].text
    assert f"{visit.start:%B} {visit.start.day}" in said
    assert "ketamine" not in str(visit["SUMMARY"]).lower()
    assert page.shown(".panel"), "the chat is still there"


def test_the_form_says_what_it_wants_and_offers_what_the_phone_knows(page: Page) -> None:
    states.asked_for_a_name(page)
    field = page.one(".ask-form .field input")
    assert (field.accessible_name, field.get_attribute("autocomplete")) == ("First name", "given-name")
    page.fill("Sam")
    page.until(lambda: page.all(".ask-form [type=radio]"), "form for the contact")
    field = page.one(".ask-form .field input")
    assert (field.get_attribute("type"), field.get_attribute("autocomplete")) == ("tel", "tel")
    page.one(".ask-form [value=email]").click()
    assert (field.get_attribute("type"), field.get_attribute("autocomplete")) == ("email", "email")
    assert field.accessible_name == "E-mail address"


def test_a_day_can_be_chosen_in_a_calendar(page: Page) -> None:
    states.asked_for_a_day(page)
    assert page.one(".ask-form [type=date]").accessible_name == "Or choose a day"
    page.one(".ask-form button").click()
    assert page.one(".fault").text == "Please choose a day."
    page.browser.execute_script(
        "const day = new Date(Date.now() + 12 * 864e5); const field = arguments[0];"
        "while ([0, 5, 6].includes(day.getDay())) day.setDate(day.getDate() + 1);"
        "field.value = day.toISOString().slice(0, 10); field.dispatchEvent(new Event('input'))",
        page.one(".ask-form [type=date]"))
    page.one(".ask-form select").send_keys("in the m")
    before = len(page.all(".message.from-bot"))
    page.one(".ask-form button").click()
    page.until(lambda: len(page.all(".message.from-bot")) > before, "times of that day", 20)
    day = page.all(".message.from-patient .text")[-1].text.split(", ")[1]
    offered = [choice.text for choice in page.all(".message:last-child .choice")][:-1]
    assert offered and all(day in label and "am" in label.lower() for label in offered)


@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 256), (1280, 900)])
def test_a_form_that_takes_the_focus_is_seen(page: Page, width: int, height: int) -> None:
    page.size(width, height)
    states.asked_for_a_contact(page)
    field = page.one(".ask-form .field input")
    assert page.active() == field
    top, foot = field.rect["y"], page.one(".composer" if height > 420 else ".foot").rect["y"]
    assert top > 0 and top + field.rect["height"] <= foot


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 720)])
def test_what_is_wrong_with_an_entry_is_seen_whole(page: Page, width: int, height: int) -> None:
    page.size(width, height)
    states.contact_refused(page)
    fault = page.one(".ask-form .fault").rect
    assert fault["height"] > 0 and fault["y"] + fault["height"] <= page.one(".composer").rect["y"] + 1


def test_a_wrong_entry_is_explained_and_kept(page: Page) -> None:
    states.contact_refused(page)
    field = page.one(".ask-form .field input")
    assert page.focused() == "Phone number" and field.get_attribute("value") == "12"
    assert field.get_attribute("aria-invalid") == "true"
    assert "area code" in page.one(f"#{field.get_attribute('aria-describedby')!s}").text
    before = len(page.all(".message.from-patient"))
    page.fill("212 555 0134")
    page.until(lambda: "You're booked" in page.all(".message.from-bot .text")[-1].text, "the visit", 20)
    assert len(page.all(".message.from-patient")) == before + 1
    assert not page.all(".ask-form")


def test_what_stands_in_the_form_survives_a_reload_and_goes_when_it_was_sent(page: Page) -> None:
    states.asked_for_a_name(page)
    page.one(".ask-form .field input").send_keys("Sa")
    page.load()
    page.until(lambda: page.all(".ask-form"), "form after a reload")
    assert page.one(".ask-form .field input").get_attribute("value") == "Sa"
    page.fill("Sam")
    page.until(lambda: page.all(".ask-form [type=radio]"), "form for the contact")
    assert "Sam" not in str(page.stored().get("fields"))


def test_whoever_would_rather_write_below_may(page: Page) -> None:
    states.asked_for_a_name(page)
    page.ask("Sam")
    page.until(lambda: page.all(".ask-form [type=radio]"), "form for the contact")
    assert page.focused() == "Your message", "whoever writes is left where they are"
