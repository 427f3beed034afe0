"""Who may open what: every address, as a stranger and as every role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from bot.desk import calendar_urls
from bot.desk import urls as desk_urls
from bot.desk.gate import POLICY
from bot.desk.models import Certificate, Label, Passkey, Role, SavedFilter
from bot.records.models import Alert, Appointment, AuditRow, Block, ContactRequest, Conversation

pytestmark = pytest.mark.django_db

PATTERNS = {f"{module.app_name}:{pattern.name}": pattern
            for module in (desk_urls, calendar_urls) for pattern in module.urlpatterns}
OPEN = {f"desk:{name}" for name in ("login", "code", "sso", "sso_back", "passkey_prove", "passkey_sign_in")}
READS = {"queue", "conversation", "content", "password", "second_factor", "sessions"}
ACCOUNTS = {f"desk:{name}" for name in ("staff", "invite", "lend", "end", "role", "reset_factor", "sign_off")}
DATA = {f"desk:{name}" for name in ("hold", "erase", "certificate")}
AUDIT = {"desk:audit", "desk:audit_file"}
ANSWER = {f"desk:{name}" for name in ("note", "take", "reply", "back", "export", "acknowledge", "assign", "outcome",
                                      "label", "unlabel")} | {
    f"calendar:{name}" for name in ("find", "book", "block", "unblock", "move", "cancel", "mark", "settle")}
# What a role may not do; the rest it may.
FORBIDDEN: dict[str, set[str]] = {
    Role.REVIEWER: {"desk:clear", "desk:reveal"} | ANSWER | AUDIT | ACCOUNTS | DATA,
    Role.CLINICIAN: AUDIT | ACCOUNTS | DATA,
    Role.MANAGER: {"desk:clear"} | ACCOUNTS,
    Role.ADMINISTRATOR: set(),
}
# The page's own questions of each second, and what shows nobody's records.
NOT_ON_RECORD = {"desk:queue_live", "desk:conversation_live", "desk:content", "desk:password", "desk:second_factor",
                 "desk:sessions", "desk:passkey_ask"}


@pytest.fixture
def rows(crisis: Conversation, person: Callable[..., Any]) -> dict[str, int]:
    """Write one row of each kind that an address names, and return their keys by the start of the address."""
    now, user = timezone.now(), person("someone")
    visit = Appointment.objects.create(
        conversation=crisis, service="consultation", room="Room 1", start=now + timedelta(days=3),
        end=now + timedelta(days=3, minutes=30), state="booked", first_name="Sam", contact="+15550100142")
    return {
        "passkeys": Passkey.objects.create(user=user, credential="aa", data=b"x").pk, "staff": user.pk,
        # Nobody's session has this number: ending one's own would make a stranger of the caller.
        "sessions": 987654, "filters": SavedFilter.objects.create(user=user, name="mine", query="tier=crisis").pk,
        "c": Label.objects.create(conversation=crisis, name="call back").pk,
        "certificates": Certificate.objects.create(case=crisis.case, body={
            "conversations": [], "also_kept": []}).pk,
        "alerts": Alert.objects.get().pk, "m": crisis.messages.order_by("id")[0].pk,
        "calendar": Block.objects.create(start=now, end=now + timedelta(hours=1)).pk, "visits": visit.pk,
        "requests": ContactRequest.objects.create(conversation=crisis, contact="+15550100142", reason="call_back").pk}


def _address(name: str, conversation: Conversation, rows: dict[str, int] | None = None) -> str:
    pattern = PATTERNS[name].pattern
    values: dict[str, Any] = {"case": conversation.case, "pk": (rows or {}).get(str(pattern).split("/")[0], 1)}
    return reverse(name, kwargs={key: values[key] for key in pattern.converters})


def test_no_address_of_the_desk_is_left_out() -> None:
    served = [pattern for part in get_resolver("bot.site.urls").url_patterns if str(part.pattern) == "desk/"
              for pattern in part.url_patterns]
    assert sorted(str(pattern.pattern) for pattern in served) == sorted(str(p.pattern) for p in PATTERNS.values())
    assert {name for name, pattern in PATTERNS.items()
            if not getattr(pattern.callback, "is_staff_page", False)} == OPEN


@pytest.mark.parametrize("name", sorted(PATTERNS.keys() - OPEN))
def test_strangers_see_nothing(name: str, crisis: Conversation, rows: dict[str, int]) -> None:
    address = _address(name, crisis, rows)
    for method in ("get", "post"):
        answer = getattr(Client(), method)(address)
        assert answer.status_code in (302, 405), (name, method)
        assert answer.status_code == 405 or answer["Location"].startswith("/desk/login/")
        assert crisis.case not in answer.content.decode()
    assert Alert.objects.get().acknowledged_at is None


@pytest.mark.parametrize("role", Role.values)
def test_each_role_is_refused_what_it_may_not(role: str, enter: Callable[..., Client], crisis: Conversation,
                                              rows: dict[str, int]) -> None:
    client = enter("ana", role)
    for name in sorted(PATTERNS.keys() - OPEN - {"desk:logout"}):
        address = _address(name, crisis, rows)
        codes = {client.get(address).status_code, client.post(address).status_code}
        assert (403 in codes) == (name in FORBIDDEN[role]), (role, name, codes)
        assert 500 not in codes


def test_whoever_sees_a_page_is_on_record(enter: Callable[..., Client], crisis: Conversation,
                                          rows: dict[str, int]) -> None:
    client = enter("ana", Role.ADMINISTRATOR)
    for name in sorted(PATTERNS.keys() - OPEN - NOT_ON_RECORD):
        address, before = _address(name, crisis, rows), AuditRow.objects.count()
        if client.get(address).status_code == 200:
            assert AuditRow.objects.count() > before, name


def test_forms_from_elsewhere_are_refused(crisis: Conversation, enter: Callable[..., Client],
                                          person: Callable[..., Any]) -> None:
    client = enter()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(f"/desk/alerts/{Alert.objects.get().pk}/acknowledge/").status_code == 403
    assert strict.post("/desk/login/", {"name": "ana", "password": "x"}).status_code == 403


def test_pages_forbid_inline_code_and_caches(enter: Callable[..., Client], crisis: Conversation) -> None:
    client = enter("ana", Role.ADMINISTRATOR)
    pages = [_address(f"desk:{name}", crisis) for name in (*READS, "audit", "staff")]
    for address in [*pages, "/desk/login/"]:
        answer = client.get(address)
        assert answer["Content-Security-Policy"] == POLICY
        assert "unsafe" not in POLICY
        assert answer["Cache-Control"] == "no-store"
        html = answer.content.decode()
        assert not any(inline in html for inline in ("<style", "style=", "onclick"))
        assert all("src=" in part for part in html.split("<script")[1:])


def test_an_ended_account_is_out_at_once(enter: Callable[..., Client], person: Callable[..., Any]) -> None:
    user, client = person("ben"), enter("ben")
    boss = enter("ana", Role.ADMINISTRATOR)
    boss.post(f"/desk/staff/{user.pk}/end/")
    assert client.get("/desk/").status_code == 302


def test_the_last_administrator_stays(enter: Callable[..., Client], person: Callable[..., Any]) -> None:
    user = person("ana", Role.ADMINISTRATOR)
    boss = enter("ana")
    boss.post(f"/desk/staff/{user.pk}/end/")
    boss.post(f"/desk/staff/{user.pk}/role/", {"role": Role.REVIEWER})
    assert boss.get("/desk/staff/").status_code == 200


def test_an_invited_person_gets_a_one_time_password(enter: Callable[..., Client]) -> None:
    boss = enter("ana", Role.ADMINISTRATOR)
    page = boss.post("/desk/staff/invite/", {"name": "jlee", "full_name": "Jordan Lee", "role": Role.MANAGER})
    password = page.content.decode().split('class="secret">')[1].split("<")[0]
    client = Client()
    assert client.post("/desk/login/", {"name": "jlee", "password": password}).status_code == 302
    assert client.get("/desk/")["Location"] == "/desk/password/"
