"""Every page of the desk under axe in a real Chromium, at desktop and phone widths, light and dark."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from selenium import webdriver
from selenium.webdriver.common.by import By

from bot.desk import calendar_urls
from bot.desk.models import Certificate, Label, Note, QuestionGroup, Review, SavedFilter
from bot.desk.urls import urlpatterns
from bot.records.models import Alert, Appointment, ContactRequest, Conversation, Message
from tests.desk.axe import source as _axe
from tests.desk.axe import violations as _violations
from tests.desk.conftest import wait

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What is no page of its own: it takes a form, answers the page's script, or leaves for another site.
NO_PAGE = {"queue_live", "audit_file", "conversation_live", "logout", "sso", "sso_back", "reveal", "hide", "clear", "note", "label", "unlabel",
           "take", "reply", "back", "export", "hold", "acknowledge", "assign", "outcome", "regroup", "invite", "lend",
           "end", "reset_factor", "sign_off", "role", "end_session", "save_filter", "forget_filter", "code",
           "passkey_ask", "passkey_make", "passkey_remove", "passkey_prove", "passkey_sign_in",
           "find", "book", "block", "unblock", "move", "cancel", "mark", "settle"}


def _fill(crisis: Conversation) -> dict[str, str]:
    """Write something for every part of every page, and return the addresses by name."""
    said = crisis.messages.order_by("id")[0]
    Conversation.objects.create(channel="web", waiting=True)
    Conversation.objects.create(channel="web", tier="info", erased_at=timezone.now())
    Alert.objects.create(conversation=crisis, priority="P2", reason="person_asked", acknowledged_at=timezone.now())
    Note.objects.create(conversation=crisis, text="rang twice")
    Label.objects.create(conversation=crisis, name="call back")
    Review.objects.create(message=said, mark="good")
    QuestionGroup.objects.create(examples=["is there parking"], count=3, messages=[said.pk], last_at=timezone.now())
    made = Certificate.objects.create(case=crisis.case, body={"also_kept": ["audit"], "conversations": [
        {"case": crisis.case, "messages": 3, "notes": 1, "texts": 0, "exports": ["2026-11-22T10:00:00"],
         "kept": ["danger"], "until": "2032-11-22"}]})
    values = {"<str:case>": crisis.case}
    pages = {}
    now = timezone.now()
    visit = Appointment.objects.create(
        conversation=crisis, service="consultation", room="Room 1", start=now + timedelta(days=1), state="booked",
        end=now + timedelta(days=1, minutes=30), first_name="Sam", contact="+15550100142")
    ContactRequest.objects.create(conversation=crisis, contact="+15550100142", reason="call_back")
    for pattern in [*urlpatterns, *calendar_urls.urlpatterns]:
        if pattern.name in NO_PAGE:
            continue
        address = str(pattern.pattern)
        for place, value in values.items():
            address = address.replace(place, value)
        key = {"certificate": made.pk, "visit": visit.pk}.get(str(pattern.name), said.pk)
        pages[str(pattern.name)] = address.replace("<int:pk>", str(key))
    return pages


@pytest.mark.parametrize("width, dark", [(1280, False), (360, True)])
def test_axe_finds_nothing_on_any_page(desk: webdriver.Chrome, live_server: Any, crisis: Conversation, width: int,
                                       dark: bool) -> None:
    axe, pages = _axe(), _fill(crisis)
    SavedFilter.objects.create(user_id=Message.objects.model.staff.field.related_model.objects.get().pk,
                               name="texts", query="channel=sms")
    desk.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                         {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500})
    desk.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    found = {}
    for name, address in {**pages, "queue, narrowed": "?channel=sms&kind=crisis"}.items():
        if name == "login":
            continue
        desk.get(f"{live_server.url}/desk/{address}")
        found[name] = _violations(desk, axe)
    desk.get(f"{live_server.url}/desk/c/{crisis.case}/")
    desk.execute_script("document.querySelector('form[action$=\"/take/\"] button').click()")
    wait(desk, lambda: desk.find_elements(By.ID, "canned"))
    found["conversation, taken over"] = _violations(desk, axe)
    desk.get(f"{live_server.url}/desk/calendar/")
    for field, value in {"find_first_name": "Sam", "find_contact": "+1 555 010 0142"}.items():
        desk.find_element(By.ID, field).send_keys(value)
    desk.execute_script("document.getElementById('find_contact').form.submit()")
    wait(desk, lambda: desk.current_url.endswith("/find/"))
    found["booking"] = _violations(desk, axe)
    desk.delete_all_cookies()
    desk.get(f"{live_server.url}/desk/login/")
    found["login"] = _violations(desk, axe)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(found) >= 22


def test_the_first_sign_in_is_accessible(browser: webdriver.Chrome, live_server: Any) -> None:
    """From the one-time password to the paper codes, as a newcomer walks."""
    import pyotp

    from bot.desk.accounts import create_first_user

    axe, made = _axe(), create_first_user()
    assert made is not None
    new = "five quite unrelated plain words"
    browser.get(f"{live_server.url}/desk/")
    for values in ({"name": made[0], "password": made[1]},
                   {"id_full_name": "Ana Reyes", "id_old": made[1], "id_new": new, "id_again": new}):
        for field, value in values.items():
            box = wait(browser, lambda field=field: browser.find_elements(By.ID, field))[0]
            box.clear()
            box.send_keys(value)
        assert _violations(browser, axe) == []
        browser.find_element(By.CSS_SELECTOR, "button.main").click()
    code = wait(browser, lambda: browser.find_elements(By.ID, "code"))[0]
    assert _violations(browser, axe) == []
    secret = browser.find_element(By.CSS_SELECTOR, "code.secret").get_attribute("textContent").replace(" ", "")
    code.send_keys(pyotp.TOTP(secret).now(), "\n")
    codes = wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".codes code"))
    assert len(codes) == 10
    assert _violations(browser, axe) == []
    browser.find_element(By.CSS_SELECTOR, "a.main").click()
    wait(browser, lambda: browser.find_elements(By.ID, "queue"))
