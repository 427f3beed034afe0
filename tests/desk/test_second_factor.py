"""The authenticator app, its paper codes, and the list of sign-ins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from bot.desk import second_factor, throttle
from bot.desk.models import DeskSession, Role, SecondFactor, StaffProfile
from tests.desk.conftest import PASSWORD, SECRET, actions, fresh_code
from tests.desk.test_sign_in import set_up_app

pytestmark = pytest.mark.django_db


def _with_password(name: str = "ana") -> Client:
    client = Client()
    assert client.post("/desk/login/", {"name": name, "password": PASSWORD}).status_code == 302
    return client


def test_the_password_alone_opens_nothing(person: Callable[..., Any]) -> None:
    person("ana")
    client = _with_password()
    assert client.get("/desk/")["Location"] == "/desk/login/"
    assert client.post("/desk/code/", {"code": "000000"}).status_code == 401
    assert client.get("/desk/")["Location"] == "/desk/login/"
    client.post("/desk/code/", {"code": fresh_code()})
    assert client.get("/desk/").status_code == 200
    assert actions() == ["code_failed", "sign_in", "view_queue"]


def test_a_code_is_good_once(person: Callable[..., Any]) -> None:
    user, now = person("ana"), timezone.now()
    code = pyotp.TOTP(SECRET).at(now)
    assert second_factor.check(user, code, now) == "app"
    assert second_factor.check(user, code, now) == ""
    before = pyotp.TOTP(SECRET).at(now - timedelta(seconds=30))
    assert second_factor.check(user, before, now) == ""  # nor is an older one good after it


@pytest.mark.parametrize("seconds, good", [(-31, True), (29, True), (-95, False), (95, False)])
def test_a_clock_may_be_half_a_minute_off(person: Callable[..., Any], seconds: int, good: bool) -> None:
    user, now = person("ana"), timezone.now().replace(second=15)
    code = pyotp.TOTP(SECRET).at(now + timedelta(seconds=seconds))
    assert bool(second_factor.check(user, code, now)) is good


@pytest.mark.parametrize("nonsense", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "' or 1=1 --"])
def test_nonsense_is_no_code(person: Callable[..., Any], nonsense: str) -> None:
    assert second_factor.check(person("ana"), nonsense, timezone.now()) == ""


def test_paper_codes_are_good_once_each(person: Callable[..., Any]) -> None:
    user, now = person("ana"), timezone.now()
    codes = second_factor.set_up(user, SECRET, pyotp.TOTP(SECRET).at(now), now)
    assert codes is not None
    client = _with_password()
    assert client.post("/desk/code/", {"code": codes[0].upper().replace("-", " ")}).status_code == 302
    assert _with_password().post("/desk/code/", {"code": codes[0]}).status_code == 401
    assert _with_password().post("/desk/code/", {"code": codes[1]}).status_code == 302
    assert "8 of your paper codes" in client.get("/desk/sessions/").content.decode()


def test_codes_cannot_be_tried_out(person: Callable[..., Any]) -> None:
    person("ana")
    client = _with_password()
    answers = [client.post("/desk/code/", {"code": "000000"}).status_code for _ in range(throttle.PAIR_LIMIT + 1)]
    assert answers == [401] * throttle.PAIR_LIMIT + [429]
    assert _with_password().post("/desk/code/", {"code": fresh_code()}).status_code == 429


def test_codes_cannot_be_tried_out_from_many_places(person: Callable[..., Any]) -> None:
    person("ana")
    answers = []
    for number in range(throttle.CODE_LIMIT + 1):
        client = Client(REMOTE_ADDR=f"203.0.113.{number}")
        client.post("/desk/login/", {"name": "ana", "password": PASSWORD})
        answers.append(client.post("/desk/code/", {"code": "000000"}).status_code)
    assert answers == [401] * throttle.CODE_LIMIT + [429]


def test_a_password_changed_meanwhile_stops_the_sign_in(person: Callable[..., Any]) -> None:
    user = person("ana")
    client = _with_password()
    user.set_password("four other unrelated words")
    user.save()
    assert client.post("/desk/code/", {"code": fresh_code()})["Location"] == "/desk/login/"


def test_the_secret_is_not_readable_in_the_database(person: Callable[..., Any]) -> None:
    person("ana")
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM desk_secondfactor")
        kept = cursor.fetchone()[0]
    assert kept.startswith("e1:")
    assert SECRET not in kept
    assert SecondFactor.objects.get().secret == SECRET


def test_nobody_without_an_app_sees_a_page(person: Callable[..., Any], crisis: Any) -> None:
    user = person("ana")
    second_factor.remove(user)
    client = Client()
    client.post("/desk/login/", {"name": "ana", "password": PASSWORD})
    for path in ("", f"c/{crisis.case}/", "content/", "sessions/"):
        assert client.get(f"/desk/{path}")["Location"] == "/desk/second-factor/"
    assert client.post("/desk/second-factor/", {"code": "000000"}).status_code == 400
    assert len(set_up_app(client)) == 10
    assert client.get(f"/desk/c/{crisis.case}/").status_code == 200


def test_a_session_from_before_the_app_is_worth_nothing_after(person: Callable[..., Any]) -> None:
    user = person("ana")
    second_factor.remove(user)
    mine, other = Client(), Client()
    for client in (mine, other):
        client.post("/desk/login/", {"name": "ana", "password": PASSWORD})
    set_up_app(mine)
    assert mine.get("/desk/").status_code == 200
    assert other.get("/desk/")["Location"] == "/desk/login/"


def test_another_app_needs_the_code_of_the_first(enter: Callable[..., Client]) -> None:
    client = enter()
    page = client.get("/desk/second-factor/").content.decode()
    secret = page.split('class="secret">')[1].split("<")[0].replace(" ", "")
    new = pyotp.TOTP(secret).now()
    assert client.post("/desk/second-factor/", {"code": new, "old_code": "000000"}).status_code == 400
    assert SecondFactor.objects.get().secret == SECRET
    assert client.post("/desk/second-factor/", {"code": new, "old_code": fresh_code()}).status_code == 200
    assert SecondFactor.objects.get().secret == secret


def test_an_administrator_lets_somebody_start_over(enter: Callable[..., Client], person: Callable[..., Any]) -> None:
    ben = person("ben")
    boss = enter("ana", Role.ADMINISTRATOR)
    page = boss.post(f"/desk/staff/{ben.pk}/reset/").content.decode()
    assert not second_factor.has_one(ben)
    assert 'class="secret"' in page
    assert StaffProfile.objects.get(user=ben).must_change


def test_sessions_are_listed_and_ended(enter: Callable[..., Client]) -> None:
    here, there = enter(), enter()
    page = here.get("/desk/sessions/").content.decode()
    assert page.count("203.0.113.9") == 2
    row = DeskSession.objects.get(key=there.session.session_key)
    here.post(f"/desk/sessions/{row.pk}/end/")
    assert there.get("/desk/").status_code == 302
    assert here.get("/desk/").status_code == 200


def test_nobody_ends_the_session_of_another(enter: Callable[..., Client]) -> None:
    ana, ben = enter("ana"), enter("ben")
    row = DeskSession.objects.get(key=ben.session.session_key)
    assert ana.post(f"/desk/sessions/{row.pk}/end/").status_code == 404
    assert ben.get("/desk/").status_code == 200


def test_an_administrator_signs_somebody_off(enter: Callable[..., Client]) -> None:
    ben, boss = enter("ben"), enter("ana", Role.ADMINISTRATOR)
    user = get_user_model().objects.get(username="ben")
    boss.post(f"/desk/staff/{user.pk}/sign-off/")
    assert ben.get("/desk/").status_code == 302


@pytest.mark.parametrize("word, refused", [
    ("password1234", "list of leaked passwords"), ("Summer2026!!", "easily guessed"),
    ("four unrelated tall words", "")])
def test_leaked_and_guessable_passwords_are_refused(enter: Callable[..., Client], word: str, refused: str) -> None:
    client = enter()
    answer = client.post("/desk/password/", {"full_name": "Ana", "old": PASSWORD, "new": word, "again": word})
    assert (answer.status_code == 302) is not bool(refused)
    assert refused in answer.content.decode()
