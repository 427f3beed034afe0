"""A patient talks with the assistant."""

from __future__ import annotations

import pytest

from tests.widget.page import Page

pytestmark = pytest.mark.browser
CRISIS = "I want to kill myself"


def test_it_says_what_it_is_before_anything_else(page: Page) -> None:
    page.open()
    assert "not a person" in page.one(".notice").text
    assert "automated" in page.one(".message.from-bot").text


def test_a_question_is_answered_and_its_source_opens(page: Page) -> None:
    answer = page.open().ask("What happens during an IV session?")
    assert answer.get_attribute("data-kind") == "answer"
    quote = page.all(".sources blockquote")[-1]
    assert not quote.is_displayed()
    page.all(".sources summary")[-1].click()
    assert quote.is_displayed()
    assert len(quote.text) > 20


def test_a_message_is_shown_as_sent_and_is_on_record_once(page: Page) -> None:
    page.open().ask("What is ketamine?")
    page.until(lambda: page.all(".from-patient .state")[-1].text == "Sent", "word that it was sent")
    assert [row["text"] for row in page.on_record() if row["from"] == "patient"] == ["What is ketamine?"]


def test_buttons_stay_and_show_which_was_taken(page: Page) -> None:
    page.open().ask("Do you take my insurance plan?")
    group = page.all(".choices")[-1]
    buttons = page.all(".choices:last-of-type .choice")
    label = page.all(".choice")[-1].text
    assert group.is_displayed()
    assert buttons
    before = len(page.all(".message.from-patient"))
    page.all(".choice")[-1].click()
    page.until(lambda: len(page.all(".message.from-patient:not(.pending)")) > before, "choice on record")
    taken = page.one(".choice.taken")
    assert taken.is_displayed()
    assert taken.accessible_name == f"{label} (chosen)"
    assert page.all(".message.from-patient .text")[-1].text == label


def test_help_comes_with_large_targets_and_stays(page: Page) -> None:
    card = page.open().ask(CRISIS)
    assert "crisis" in str(card.get_attribute("class"))
    for link in page.all(".crisis .line") + page.all(".help-bar .line"):
        assert link.size["height"] >= 44
        assert link.size["width"] >= 44
        assert str(link.get_attribute("href")).startswith(("tel:", "sms:"))
    page.ask("What is ketamine?")
    assert page.shown(".help-bar a[href='tel:988']") or page.shown(".help-bar a[href='tel:911']")
    page.load()
    page.until(lambda: page.shown(".help-bar"), "help bar after a reload")


def test_the_emergency_line_is_always_there(page: Page) -> None:
    page.open()
    hrefs = [link.get_attribute("href") for link in page.all(".footer a")]
    assert hrefs[:2] == ["tel:911", "tel:988"]
    assert len(hrefs) == 3


def test_a_person_can_be_asked_for(page: Page) -> None:
    page.open()
    before = len(page.all(".message.from-bot"))
    page.menu("person")
    page.until(lambda: len(page.all(".message.from-bot")) > before, "answer about a person")


def test_starting_over_begins_a_new_conversation(page: Page) -> None:
    page.open().ask("What is ketamine?")
    old = page.stored()["token"]
    page.menu("restart")
    page.until(lambda: page.stored().get("token") not in (None, old), "new conversation")
    page.until(lambda: len(page.all(".message")) == 1, "the greeting alone")


def test_clearing_asks_first_and_erases(page: Page) -> None:
    page.open().ask("What is ketamine?")
    page.menu("clear")
    assert page.focused() == "Keep the chat"
    page.one(".ask .solid").click()
    page.until(lambda: page.all(".notes p"), "word that it was cleared")
    assert "What is ketamine?" not in page.one(".log").text


def test_a_text_that_is_too_long_is_kept_and_explained(page: Page) -> None:
    page.open()
    page.browser.execute_script(
        "const t = arguments[0]; t.value = 'a'.repeat(2001); t.dispatchEvent(new Event('input'))",
        page.one("textarea"))
    assert "Too long by 1 character" in page.one(".count").text
    page.one(".send").click()
    assert len(str(page.one("textarea").get_property("value"))) == 2001
    assert not page.all(".message.from-patient")


def test_what_patients_type_never_becomes_markup(page: Page) -> None:
    page.open().ask("<img src=x onerror=alert(1)> what is ketamine")
    assert not page.all(".message img")
    assert "<img" in page.one(".message.from-patient .text").text


def test_it_speaks_spanish(page: Page) -> None:
    page.open().menu("language")
    assert page.one(".exit").accessible_name == "Salida rápida"
    assert page.browser.find_element("tag name", "clinic-assistant").get_attribute("lang") == "es"
