"""Getting in: passwords, one-time passwords, throttling, idle log-off."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from bot.desk import accounts, throttle
from bot.desk.models import Role, SignInTry, StaffProfile
from tests.desk.conftest import PASSWORD, actions, fresh_code

pytestmark = pytest.mark.django_db
NEW = "another four quiet words"


def set_up_app(client: Client) -> list[str]:
    """Do what a newcomer does on the page of the authenticator app, and return the paper codes."""
    page = client.get("/desk/second-factor/").content.decode()
    secret = page.split('class="secret">')[1].split("<")[0].replace(" ", "")
    done = client.post("/desk/second-factor/", {"code": pyotp.TOTP(secret).now()}).content.decode()
    return re.findall(r"<li><code>([\w-]+)</code>", done)


def test_the_first_user_has_a_one_time_password_and_must_change_it() -> None:
    name, password = accounts.create_first_user() or ("", "")
    client = Client()
    assert client.post("/desk/login/", {"name": name, "password": password}).status_code == 302
    assert client.get("/desk/")["Location"] == "/desk/password/"
    wrong = client.post("/desk/password/", {"full_name": "Ana Reyes", "old": password, "new": password,
                                            "again": password})
    assert b"must differ" in wrong.content
    client.post("/desk/password/", {"full_name": "Ana Reyes", "old": password, "new": NEW, "again": NEW})
    assert client.get("/desk/")["Location"] == "/desk/second-factor/"
    codes = set_up_app(client)
    assert len(codes) == 10
    assert client.get("/desk/").status_code == 200
    assert Client().post("/desk/login/", {"name": name, "password": password}).status_code == 401
    assert get_user_model().objects.get().get_full_name() == "Ana Reyes"


def test_a_first_user_who_never_came_gets_a_new_password_and_one_who_did_gets_none() -> None:
    first, second = accounts.create_first_user(), accounts.create_first_user()
    assert first is not None
    assert second is not None
    assert first[0] == second[0] == "admin"
    assert first[1] != second[1]
    assert Client().post("/desk/login/", {"name": "admin", "password": second[1]}).status_code == 302
    assert accounts.create_first_user() is None


@pytest.mark.parametrize("weak", ["short1", "password1234", "examplexample"])
def test_weak_passwords_are_refused(enter: Callable[..., Client], weak: str) -> None:
    client = enter()
    answer = client.post("/desk/password/", {"full_name": "Ana Example", "old": PASSWORD, "new": weak,
                                             "again": weak})
    assert answer.status_code == 200
    assert b'class="problem"' in answer.content


def test_a_wrong_password_says_the_same_as_an_unknown_name(person: Callable[..., Any]) -> None:
    person("ana")
    answers = [Client().post("/desk/login/", {"name": name, "password": "no"}) for name in ("ana", "nobody")]
    texts = [answer.content.decode().split("<h1>")[1].split("<form")[0] for answer in answers]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert texts[0] == texts[1]


def test_five_failures_shut_the_door_for_that_name_and_address_only(person: Callable[..., Any]) -> None:
    person("ana")
    here, there = Client(REMOTE_ADDR="203.0.113.1"), Client(REMOTE_ADDR="203.0.113.2")
    codes = [here.post("/desk/login/", {"name": "ana", "password": "no"}).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    right = {"name": "ana", "password": PASSWORD}
    assert here.post("/desk/login/", right).status_code == 429
    assert there.post("/desk/login/", right)["Location"] == "/desk/code/"
    SignInTry.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert here.post("/desk/login/", right).status_code == 302


def test_an_address_that_tries_many_names_is_shut_out() -> None:
    now = timezone.now()
    tries = [throttle.begin_try(f"name{n}", "203.0.113.1", now) for n in range(throttle.ADDRESS_LIMIT + 1)]
    assert all(tries[:-1])
    assert tries[-1] is None


def test_what_was_typed_as_a_name_is_not_kept(person: Callable[..., Any]) -> None:
    Client().post("/desk/login/", {"name": "my secret password", "password": "x"})
    assert "secret" not in SignInTry.objects.get().name_hash
    assert actions() == ["sign_in_failed"]


def test_nobody_is_led_to_another_site(person: Callable[..., Any]) -> None:
    person("ana")
    for target, expected in (("https://evil.example/", "/desk/"), ("//evil.example/", "/desk/"),
                             ("/healthz", "/desk/"), ("/desk/audit/", "/desk/audit/")):
        client = Client()
        client.post("/desk/login/", {"name": "ana", "password": PASSWORD, "next": target})
        answer = client.post("/desk/code/", {"code": fresh_code()})
        assert answer["Location"] == expected


def test_idle_and_long_sessions_end(enter: Callable[..., Client]) -> None:
    for name, back in (("seen", 31 * 60), ("since", 13 * 3600)):
        client = enter()
        session = client.session
        session[name] = int(time.time()) - back
        session.save()
        assert client.get("/desk/content/")["Location"].startswith("/desk/login/")
        assert client.get("/desk/")["Location"] == "/desk/login/"
    assert actions().count("signed_off_idle") == 2


def test_a_page_that_looks_by_itself_keeps_nobody_signed_in(enter: Callable[..., Client]) -> None:
    client = enter()
    before = int(time.time()) - 20 * 60
    session = client.session
    session["seen"] = before
    session.save()
    assert client.post("/desk/live/", headers={"X-Desk-Live": "1"}).status_code == 200
    assert client.session["seen"] == before
    client.post("/desk/live/", headers={"X-Desk-Live": "1", "X-Desk-Active": "1"})
    assert client.session["seen"] > before


def test_a_live_page_that_is_signed_off_is_told_so() -> None:
    answer = Client().post("/desk/live/", headers={"X-Desk-Live": "1"})
    assert answer.status_code == 401
    assert answer.json()["signed_off"] is True


def test_signing_out_ends_the_session(enter: Callable[..., Client]) -> None:
    client = enter()
    client.post("/desk/logout/")
    assert client.get("/desk/").status_code == 302
    assert actions() == ["sign_in", "sign_out"]


def test_a_new_one_time_password_ends_sessions(enter: Callable[..., Client]) -> None:
    client = enter()
    user = get_user_model().objects.get(username="ana")
    lent = accounts.lend_password(user)
    assert client.get("/desk/").status_code == 302
    assert user.check_password(lent)
    assert StaffProfile.objects.get(user=user).must_change
    assert StaffProfile.objects.get(user=user).role == Role.CLINICIAN
