"""Every state that the widget can be in, as ways to get there."""

from __future__ import annotations

from collections.abc import Callable

from tests.tools import call
from tests.widget.page import Page
from tests.widget.staff import staff_says

CRISIS = "I want to kill myself"
BOOK = "I'd like to book a consultation"


def closed(page: Page) -> None: ...


def closed_with_news(page: Page) -> None:
    """Somebody answered while the chat was closed."""
    page.open().close()
    payload = {"client_id": "from-another-device", "text": "Where are you?"}
    call(f"{page.base}/api/messages", payload, page.stored()["token"])
    page.until(lambda: page.shown(".badge"), "word of a new message", 20)


def opened(page: Page) -> None:
    page.open()


def answered(page: Page) -> None:
    page.open().ask("What happens during an IV session?")
    for summary in page.all(".sources summary"):
        summary.click()
    page.browser.execute_script("arguments[0].scrollIntoView()", page.all(".sources")[-1])


def typing(page: Page) -> None:
    """The server takes its time."""
    page.open()
    page.browser.execute_script("""
      const real = window.fetch;
      window.fetch = (url, options) => options?.method === "POST" ? new Promise(() => {}) : real(url, options);
    """)
    page.say("Is it safe?")
    page.until(lambda: page.shown(".typing"), "typing indicator")


def in_crisis(page: Page) -> None:
    page.open().ask(CRISIS)


def after_crisis(page: Page) -> None:
    page.open().ask(CRISIS)
    page.ask("What is ketamine?")


def with_a_person(page: Page) -> None:
    page.open()
    assert page.service is not None
    staff_says(page.service, page.stored()["token"], "Hello, this is Dana from the clinic. How can I help?")
    page.until(lambda: page.all(".from-staff"), "the person's message", 20)


def times_offered(page: Page) -> None:
    """The way of a booking up to the free times."""
    page.open().ask(BOOK)
    page.choose("The first one free")


def asked_for_a_day(page: Page) -> None:
    page.open().ask(BOOK)
    page.until(lambda: page.shown(".ask-form [type=date]"), "form for the day")


def asked_for_a_name(page: Page) -> None:
    times_offered(page)
    page.choose_first()
    page.until(lambda: page.shown(".ask-form"), "form for the name")


def asked_for_a_contact(page: Page) -> None:
    asked_for_a_name(page)
    page.fill("Sam")
    page.until(lambda: page.all(".ask-form [type=radio]"), "form for the contact")


def contact_refused(page: Page) -> None:
    """A field that was filled in wrongly says so."""
    asked_for_a_contact(page)
    page.fill("12")
    page.until(lambda: page.one(".fault").text, "word of what is wrong")


def booked(page: Page) -> None:
    asked_for_a_contact(page)
    page.one(".ask-form [value=email]").click()
    page.fill("sam@example.com")
    page.until(lambda: page.all(".line[href$='.ics']"), "calendar file", 20)


def with_menu(page: Page) -> None:
    page.open().one(".menu-button").click()


def asked_to_clear(page: Page) -> None:
    page.open().menu("clear")


def cleared(page: Page) -> None:
    page.open().menu("clear")
    page.one(".ask .solid").click()
    page.until(lambda: page.all(".notes p"), "word that it was cleared")


def unreachable(page: Page) -> None:
    page.offline(True)
    page.one(".launcher").click()
    page.until(lambda: page.shown(".offline"), "help that needs no server")


def not_sent(page: Page) -> None:
    page.open().offline(True)
    page.say("Are you there?")
    page.until(lambda: page.all(".pending .state button"), "word that it was not sent", 20)


def refused(page: Page) -> None:
    """The server has no use for a message."""
    page.open()
    page.browser.execute_script("""
      const real = window.fetch;
      window.fetch = (url, options) => real(url, options?.method === "POST" ? { ...options, body: "{}" } : options);
    """)
    page.say("Is it safe?")
    page.until(lambda: page.all(".pending[data-state=refused] button"), "word that it was refused")


def too_long(page: Page) -> None:
    page.open()
    page.browser.execute_script(
        "const t = arguments[0]; t.value = 'a '.repeat(1100) + 'a'; t.dispatchEvent(new Event('input'))",
        page.one("textarea"))


def in_spanish(page: Page) -> None:
    page.open().menu("language")
    page.ask("Quiero morirme")


STATES: list[Callable[[Page], None]] = [
    closed, closed_with_news, opened, answered, typing, in_crisis, after_crisis, with_a_person,
    asked_for_a_day, times_offered, asked_for_a_name, asked_for_a_contact, contact_refused, booked, with_menu, asked_to_clear, cleared, unreachable,
    not_sent, refused, too_long, in_spanish]
