"""Every state that the widget can be in, as ways to get there."""

from __future__ import annotations

from collections.abc import Callable

from tests.widget.page import Page

CRISIS = "I want to kill myself"


def closed(page: Page) -> None: ...


def opened(page: Page) -> None:
    page.open()


def answered(page: Page) -> None:
    page.open().ask("What happens during an IV session?")
    for summary in page.all(".sources summary"):
        summary.click()


def in_crisis(page: Page) -> None:
    page.open().ask(CRISIS)


def with_menu(page: Page) -> None:
    page.open().one(".menu-button").click()


def asked_to_clear(page: Page) -> None:
    page.open().menu("clear")


def offline(page: Page) -> None:
    page.open().offline(True)
    page.say("Are you there?")
    page.until(lambda: page.all(".pending .state button"), "word that it was not sent", 20)


def too_long(page: Page) -> None:
    page.open()
    page.browser.execute_script(
        "const t = arguments[0]; t.value = 'a '.repeat(1100) + 'a'; t.dispatchEvent(new Event('input'))",
        page.one("textarea"))


STATES: list[Callable[[Page], None]] = [
    closed, opened, answered, in_crisis, with_menu, asked_to_clear, offline, too_long]
