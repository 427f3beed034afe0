"""A bad line, a reload, an ended chat, a second tab: nothing is lost and nothing is sent twice."""

from __future__ import annotations

import pytest

from tests.tools import call
from tests.widget.page import Page
from tests.widget.staff import staff_says

pytestmark = pytest.mark.browser
QUESTION = "What is ketamine?"


def patient_texts(page: Page) -> list[str]:
    return [row["text"] for row in page.on_record() if row["from"] == "patient"]


def test_without_a_server_there_is_help_and_no_empty_box(page: Page) -> None:
    page.offline(True)
    page.one(".launcher").click()
    page.until(lambda: page.shown(".offline"), "help that needs no server")
    hrefs = [str(link.get_attribute("href")) for link in page.all(".offline .line")]
    assert {"tel:911", "tel:988"} <= set(hrefs)
    assert len(hrefs) == 4
    page.offline(False)
    page.until(lambda: page.all(".message.from-bot"), "greeting when the line is back")
    page.until(lambda: not page.all(".offline"), "end of the offline panel")


def test_a_server_that_takes_long_does_not_leave_anyone_waiting_without_help(page: Page) -> None:
    page.slow(8)
    page.one(".launcher").click()
    page.until(lambda: page.shown(".offline"), "help while the server takes its time", 7)
    page.until(lambda: page.all(".message.from-bot"), "greeting in the end", 40)
    page.until(lambda: not page.all(".offline"), "end of the offline panel")


def test_a_message_written_offline_is_sent_once_when_the_line_is_back(page: Page) -> None:
    page.open().offline(True)
    page.say(QUESTION)
    page.until(lambda: "Tap to retry" in page.one(".pending .state").text, "word that it was not sent", 20)
    page.one(".pending .state button").click()
    page.until(lambda: "Tap to retry" in page.one(".pending .state").text, "word that it failed again", 20)
    page.offline(False)
    page.until(lambda: not page.all(".pending"), "sent message", 40)
    assert patient_texts(page) == [QUESTION]


def test_an_unsent_message_survives_a_reload(page: Page) -> None:
    page.open().offline(True)
    page.say(QUESTION)
    page.until(lambda: page.all(".pending"), "waiting message")
    page.offline(False)
    page.load()
    page.until(lambda: patient_texts(page) == [QUESTION], "the message on record", 30)


def test_a_reload_brings_the_chat_back_without_taking_the_focus(page: Page) -> None:
    page.open().ask(QUESTION)
    shown = [message.text for message in page.all(".message .text")]
    page.load()
    page.until(lambda: [m.text for m in page.all(".message .text")] == shown, "the same chat")
    assert page.browser.execute_script("return document.activeElement === document.body")


def test_a_draft_survives_a_reload(page: Page) -> None:
    page.open().one("textarea").send_keys("half a quest")
    page.load()
    page.until(lambda: page.all("textarea"), "chat")
    assert page.one("textarea").get_property("value") == "half a quest"


def test_an_ended_chat_begins_anew_and_keeps_what_was_not_sent(page: Page) -> None:
    page.open()
    page.browser.execute_script(
        "const s = JSON.parse(sessionStorage['clinic-assistant']); s.token = 'forged.token';"
        "sessionStorage['clinic-assistant'] = JSON.stringify(s)")
    page.load()
    page.until(lambda: page.all(".message.from-bot"), "greeting of the new chat", 20)
    page.ask(QUESTION)
    assert page.stored()["token"] != "forged.token"
    assert patient_texts(page) == [QUESTION]


def test_two_tabs_share_one_chat(page: Page) -> None:
    page.open().ask(QUESTION)
    first = page.browser.current_window_handle
    token = page.stored()["token"]
    page.browser.switch_to.new_window("tab")
    second = Page(page.browser, page.base).load()
    second.open()
    second.until(lambda: QUESTION in second.one(".log").text, "the other tab's question")
    assert second.stored()["token"] == token
    second.ask("How long is an infusion?")
    page.browser.switch_to.window(first)
    page.until(lambda: "How long is an infusion?" in page.one(".log").text, "the second tab's question")


def test_the_same_client_id_is_processed_once(page: Page) -> None:
    page.open()
    script = """
      const [token, done] = arguments;
      const id = crypto.randomUUID();
      const send = () => fetch("/api/messages", { method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ client_id: id, text: "What is ketamine?" }),
      }).then((response) => response.json());
      Promise.all([send(), send()]).then(done);
    """
    one, two = page.browser.execute_async_script(script, page.stored()["token"])
    assert [m["id"] for m in one["messages"]] == [m["id"] for m in two["messages"]]
    page.until(lambda: len(page.all(".message.from-patient")) == 1, "the message by the event stream")


def test_help_is_shown_even_when_the_server_could_not_write_anything_down(page: Page) -> None:
    """What the gateway answers while its database is away: replies without ids, and not our own message."""
    page.open()
    page.browser.execute_script("""
      const real = window.fetch;
      const help = { id: null, from: "bot", kind: "crisis", text: "Please call 988.",
        at: "2026-01-01T00:00:00Z", resources: [{ label: "Call 988", href: "tel:988" }] };
      window.fetch = (url, options) => options?.method !== "POST" ? real(url, options)
        : Promise.resolve(new Response(JSON.stringify({ messages: [help] }), { status: 200 }));
    """)
    page.ask("first words")
    page.ask("second words")
    said = [message.text for message in page.all(".message .text")][-4:]
    assert said == ["first words", "Please call 988.", "second words", "Please call 988."]
    assert page.shown(".help-bar a[href='tel:988']")


def test_a_message_that_the_server_refuses_can_be_corrected(page: Page) -> None:
    page.open()
    page.browser.execute_script("""
      const real = window.fetch;
      const spoilt = (options) => options?.method === "POST" ? { ...options, body: "{}" } : options;
      window.fetch = (url, options) => real(url, spoilt(options));
    """)
    page.say("half")
    page.until(lambda: page.all(".pending[data-state=refused] button"), "word that it was refused")
    assert "Not sent." in page.one(".pending .state").text
    page.one(".pending .state button").click()
    assert page.one("textarea").get_property("value") == "half"
    assert not page.all(".pending")


def test_what_a_person_says_comes_by_itself_and_with_their_name(page: Page) -> None:
    page.open()
    assert page.service is not None
    staff_says(page.service, page.stored()["token"], "Hello, this is Dana.")
    page.until(lambda: page.all(".from-staff"), "the person's message", 20)
    assert "Dana Lee" in page.one(".from-staff .who").text


def test_what_came_while_the_phone_slept_is_there_when_it_wakes(page: Page) -> None:
    page.open().ask(QUESTION)
    token = page.stored()["token"]
    page.browser.execute_cdp_cmd("Page.setWebLifecycleState", {"state": "frozen"})
    call(f"{page.base}/api/messages", {"client_id": "while-it-slept", "text": "Is it safe?"}, token)
    page.browser.execute_cdp_cmd("Page.setWebLifecycleState", {"state": "active"})
    page.until(lambda: "Is it safe?" in page.one(".log").text, "what came meanwhile", 30)
    assert patient_texts(page) == [QUESTION, "Is it safe?"]


def test_what_came_while_the_line_was_cut_comes_after_it(page: Page) -> None:
    page.open().ask(QUESTION)
    token = page.stored()["token"]
    page.offline(True)
    call(f"{page.base}/api/messages", {"client_id": "while-offline", "text": "Is it safe?"}, token)
    page.offline(False)
    page.until(lambda: "Is it safe?" in page.one(".log").text, "what came meanwhile", 60)


def test_another_page_of_the_site_goes_on_with_the_chat(page: Page) -> None:
    page.open().ask(QUESTION)
    token = page.stored()["token"]
    page.browser.get(page.base + "/healthz")
    page.load("/demo/?another=page")
    page.until(lambda: QUESTION in page.one(".log").text, "the chat on the next page")
    assert page.stored()["token"] == token


def test_two_tabs_stay_in_step_in_choices_and_in_starting_over(page: Page) -> None:
    page.open().ask("I'd like to book a consultation")
    first = page.browser.current_window_handle
    page.browser.switch_to.new_window("tab")
    second = Page(page.browser, page.base).load().open()
    second.until(lambda: second.all(".choice"), "the choices in the other tab")
    second.choose("The first one free")
    page.browser.switch_to.window(first)
    page.until(lambda: page.all(".choice.taken"), "word of what was chosen")
    assert page.one(".choice.taken").text.startswith("The first one free")
    page.menu("restart")
    page.until(lambda: len(page.all(".message")) == 1, "the greeting alone")
    token = page.stored()["token"]
    page.browser.switch_to.window(second.browser.window_handles[-1])
    second.until(lambda: second.stored().get("token") == token, "the new chat in the other tab")
    second.until(lambda: len(second.all(".message")) == 1, "the greeting alone")


def test_a_server_that_dies_under_a_message_costs_nothing(page: Page) -> None:
    page.open().ask(QUESTION)
    assert page.service is not None
    page.service.kill("uvicorn")
    page.say("Is it safe?")
    page.until(lambda: page.shown(".offline .line[href='tel:988']"), "help that needs no server", 20)
    page.until(lambda: page.all(".pending") == [] and not page.all(".offline"), "the message on record", 90)
    assert patient_texts(page) == [QUESTION, "Is it safe?"]
    assert page.all(".message.from-bot")[-1].find_element("css selector", ".text").text
