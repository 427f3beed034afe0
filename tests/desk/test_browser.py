"""The live pages in a real Chromium: rows and messages arrive by themselves, and nothing typed is lost."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.utils import timezone
from selenium import webdriver
from selenium.webdriver.common.by import By

from bot.records import signs
from bot.records.models import Alert, Conversation, Message
from tests.desk.conftest import wait

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def complaints(browser: webdriver.Chrome) -> list[str]:
    """Return what the browser complains of, such as a breach of the content policy."""
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_an_alert_appears_by_itself_and_the_focus_stays(desk: webdriver.Chrome, crisis: Conversation) -> None:
    row = wait(desk, lambda: desk.find_elements(By.ID, f"row-{crisis.case}"))[0]
    desk.execute_script("arguments[0].focus()", row)
    other = Conversation.objects.create(channel="web", tier="emergency")
    started = time.monotonic()
    Alert.objects.create(conversation=other, priority="P1", reason="emergency.overdose")
    wait(desk, lambda: desk.find_elements(By.ID, f"row-{other.case}"))
    assert time.monotonic() - started < 3  # two seconds, and one for a busy machine
    assert desk.switch_to.active_element.get_attribute("id") == f"row-{crisis.case}"
    assert desk.title.startswith("(2) ")
    assert other.case in desk.find_element(By.ID, "alarm").get_attribute("textContent")
    assert complaints(desk) == []


def test_a_new_p1_is_heard_and_notified_without_a_patient_s_word(desk: webdriver.Chrome, live_server: Any,
                                                                 crisis: Conversation) -> None:
    desk.execute_cdp_cmd("Browser.grantPermissions", {"origin": live_server.url, "permissions": ["notifications"]})
    desk.get(f"{live_server.url}/desk/")
    # Sound is on from the start; a browser that keeps silent until touched is said to do so, with a button.
    assert desk.find_element(By.ID, "sound").get_attribute("aria-pressed") == "true"
    if desk.find_element(By.ID, "muted").is_displayed():
        desk.find_element(By.ID, "unmute").click()
    wait(desk, lambda: not desk.find_element(By.ID, "muted").is_displayed())
    desk.find_element(By.ID, "notify").click()
    wait(desk, lambda: desk.find_element(By.ID, "notify").get_attribute("aria-pressed") == "true")
    desk.execute_script("""window.shown = []; const real = window.Notification;
        window.Notification = new Proxy(real, { construct(it, args) { const made = new it(...args);
        made.onshow = () => shown.push([made.title, made.body]); made.onerror = () => shown.push(["refused", ""]); return made; } });""")
    rang = int(desk.find_element(By.ID, "queue").get_attribute("data-rang") or 0)
    other = Conversation.objects.create(channel="web", tier="emergency")
    said = Message.objects.create(conversation=other, sender="patient", text="i took everything, i am Ana Reyes")
    Alert.objects.create(conversation=other, message=said, priority="P1", reason="emergency.overdose")
    wait(desk, lambda: int(desk.find_element(By.ID, "queue").get_attribute("data-rang") or 0) > rang)
    wait(desk, lambda: desk.execute_script("return shown.length"))
    assert desk.execute_script("return shown") == [[f"P1 · {other.case}", ""]]
    assert complaints(desk) == []


def test_each_side_sees_the_other_type(desk: webdriver.Chrome, live_server: Any, crisis: Conversation) -> None:
    desk.get(f"{live_server.url}/desk/c/{crisis.case}/")
    desk.find_element(By.CSS_SELECTOR, "#reply button.main").click()
    box = wait(desk, lambda: desk.find_elements(By.ID, "text"))[0]
    assert not signs.staff_types(timezone.now())
    box.send_keys("I am")
    wait(desk, lambda: crisis.pk in signs.staff_types(timezone.now()))
    signs.note_typing(crisis.pk, "patient", timezone.now())
    wait(desk, lambda: "typing" in desk.find_element(By.ID, "panel-typing").text)
    wait(desk, lambda: "typing" not in desk.find_element(By.ID, "panel-typing").text)
    assert complaints(desk) == []


def test_on_a_phone_the_alerts_come_before_the_filters(desk: webdriver.Chrome, live_server: Any,
                                                       crisis: Conversation) -> None:
    desk.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                         {"width": 360, "height": 640, "deviceScaleFactor": 1, "mobile": True})
    desk.get(f"{live_server.url}/desk/")
    row = wait(desk, lambda: desk.find_elements(By.ID, f"row-{crisis.case}"))[0]
    assert row.rect["y"] + row.rect["height"] < 640
    assert not desk.find_element(By.ID, "words").is_displayed()
    desk.find_element(By.ID, "unfold").click()
    assert desk.switch_to.active_element.get_attribute("id") == "words"
    assert desk.find_element(By.NAME, "tier").is_displayed()


def test_a_message_arrives_while_a_reply_is_typed(desk: webdriver.Chrome, live_server: Any,
                                                  crisis: Conversation) -> None:
    desk.get(f"{live_server.url}/desk/c/{crisis.case}/")
    desk.find_element(By.CSS_SELECTOR, "#reply button.main").click()
    box = wait(desk, lambda: desk.find_elements(By.ID, "text"))[0]
    box.send_keys("I am calling")
    Message.objects.create(conversation=crisis, sender="patient", text="ok thank you")
    Alert.objects.update(acknowledged_at="2026-01-01T00:00:00Z", outcome="reached")
    other = Conversation.objects.create(channel="web", tier="emergency")
    Alert.objects.create(conversation=other, priority="P1", reason="emergency.overdose")
    wait(desk, lambda: "ok thank you" in desk.find_element(By.ID, "lines").text)
    wait(desk, lambda: not desk.find_elements(By.CSS_SELECTOR, ".alert"))
    assert box.get_attribute("value") == "I am calling"
    wait(desk, lambda: other.case in desk.find_element(By.ID, "alarm").get_attribute("textContent"))
    desk.find_element(By.CSS_SELECTOR, "#reply button.main").click()
    wait(desk, lambda: "I am calling" in desk.find_element(By.ID, "lines").text)
    assert Message.objects.filter(sender="staff").count() == 1
    assert complaints(desk) == []


def test_the_queue_is_worked_by_keys(desk: webdriver.Chrome, crisis: Conversation) -> None:
    wait(desk, lambda: desk.find_elements(By.ID, f"row-{crisis.case}"))
    desk.find_element(By.TAG_NAME, "body").send_keys("j")
    assert desk.switch_to.active_element.get_attribute("id") == f"row-{crisis.case}"
    desk.switch_to.active_element.send_keys("\n")
    wait(desk, lambda: desk.find_elements(By.ID, "case"))
    desk.find_element(By.TAG_NAME, "body").send_keys("u")
    wait(desk, lambda: desk.find_elements(By.ID, "queue"))
    desk.find_element(By.TAG_NAME, "body").send_keys("/")
    assert desk.switch_to.active_element.get_attribute("id") == "words"


def test_an_ended_session_is_said_aloud(desk: webdriver.Chrome) -> None:
    desk.delete_all_cookies()
    banner = desk.find_element(By.ID, "signed-off")
    wait(desk, banner.is_displayed)
    assert "signed off" in banner.text
    assert desk.title.startswith("! ")


@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_sticks_out_on_a_phone(desk: webdriver.Chrome, live_server: Any, crisis: Conversation,
                                       width: int) -> None:
    Message.objects.create(conversation=crisis, sender="patient", text="x" * 300)
    desk.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                         {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": True})
    said = crisis.messages.order_by("id")[0].pk
    for path in ("", f"c/{crisis.case}/", f"c/{crisis.case}/erase/", f"m/{said}/review/", "review/", "unanswered/",
                 "figures/", "content/", "password/", "sessions/", "second-factor/", "staff/", "audit/", "calendar/",
                 "calendar/day/", "requests/"):
        desk.get(f"{live_server.url}/desk/{path}")
        # A phone widens the window for what sticks out: it must be as wide as the screen.
        assert desk.execute_script("return [document.documentElement.scrollWidth, innerWidth]") == [width, width], path
