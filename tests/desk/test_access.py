"""Who may open what: every address, as a stranger and as every role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bot.desk.gate import POLICY
from bot.desk.models import Role
from bot.desk.urls import urlpatterns
from bot.records.models import Alert, Conversation

pytestmark = pytest.mark.django_db

OPEN = {"login", "code", "sso", "sso_back"}
READS = {"queue", "conversation", "content", "password", "second_factor", "sessions"}
ACCOUNTS = {"staff", "invite", "lend", "end", "role", "reset_factor", "sign_off"}
DATA = {"hold", "erase", "certificate"}
# What a role may not do; the rest it may.
FORBIDDEN: dict[str, set[str]] = {
    Role.REVIEWER: {"clear", "note", "take", "reply", "back", "export", "acknowledge", "assign", "outcome", "label",
                    "unlabel", "reveal", "audit", "audit_file"} | ACCOUNTS | DATA,
    Role.CLINICIAN: {"audit", "audit_file"} | ACCOUNTS | DATA,
    Role.MANAGER: {"clear"} | ACCOUNTS,
    Role.ADMINISTRATOR: set(),
}


def _address(name: str, conversation: Conversation) -> str:
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    # Nobody's session has this number: ending one's own would make a stranger of the caller.
    pk = 987654 if name == "end_session" else Alert.objects.get().pk
    values: dict[str, Any] = {"case": conversation.case, "pk": pk}
    return reverse(f"desk:{name}", kwargs={key: values[key] for key in pattern.pattern.converters})


@pytest.mark.parametrize("name", [pattern.name for pattern in urlpatterns if pattern.name not in OPEN])
def test_strangers_see_nothing(name: str, crisis: Conversation) -> None:
    address = _address(name, crisis)
    for method in ("get", "post"):
        answer = getattr(Client(), method)(address)
        assert answer.status_code in (302, 405), (name, method)
        assert answer.status_code == 405 or answer["Location"].startswith("/desk/login/")
        assert crisis.case not in answer.content.decode()
    assert getattr(next(p for p in urlpatterns if p.name == name).callback, "is_staff_page", False)


@pytest.mark.parametrize("role", Role.values)
def test_each_role_is_refused_what_it_may_not(role: str, enter: Callable[..., Client],
                                              crisis: Conversation) -> None:
    client = enter("ana", role)
    for pattern in urlpatterns:
        if pattern.name in OPEN | {"logout"}:
            continue
        address = _address(pattern.name, crisis)
        codes = {client.get(address).status_code, client.post(address).status_code}
        assert (403 in codes) == (pattern.name in FORBIDDEN[role]), (role, pattern.name, codes)
        assert 500 not in codes


def test_forms_from_elsewhere_are_refused(crisis: Conversation, enter: Callable[..., Client],
                                          person: Callable[..., Any]) -> None:
    client = enter()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(_address("acknowledge", crisis)).status_code == 403
    assert strict.post("/desk/login/", {"name": "ana", "password": "x"}).status_code == 403


def test_pages_forbid_inline_code_and_caches(enter: Callable[..., Client], crisis: Conversation) -> None:
    client = enter("ana", Role.ADMINISTRATOR)
    pages = [_address(name, crisis) for name in (*READS, "audit", "staff")]
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
