"""Passkeys: made and proved by a real browser with a virtual authenticator; forged and copied ones are refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestedCredentialData
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions

from bot.desk import passkeys
from bot.desk.models import Passkey, RecoveryCode, Role, SecondFactor
from tests.desk.axe import source as _axe
from tests.desk.axe import violations as _violations
from tests.desk.conftest import PASSWORD, actions, fresh_code, wait


@pytest.fixture
def device(browser: webdriver.Chrome, live_server: Any) -> webdriver.Chrome:
    """Return a browser with a fingerprint reader, at an address where browsers have passkeys."""
    browser.add_virtual_authenticator(VirtualAuthenticatorOptions(
        protocol="ctap2", transport="internal", has_resident_key=True, has_user_verification=True,
        is_user_verified=True))
    return browser


def _at(live_server: Any, path: str) -> str:
    return str(live_server.url).replace("127.0.0.1", "localhost") + path


def _give_password(browser: webdriver.Chrome, live_server: Any, name: str) -> None:
    browser.get(_at(live_server, "/desk/login/"))
    browser.find_element(By.ID, "name").send_keys(name)
    browser.find_element(By.ID, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "button.main").click()


def _press(browser: webdriver.Chrome, what: str) -> None:
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, f"form[data-passkey={what}]:not([hidden]) button"))
    browser.find_element(By.CSS_SELECTOR, f"form[data-passkey={what}] button").click()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_all_that_one_needs(device: webdriver.Chrome, live_server: Any, person: Callable[..., Any],
                                         settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    user = person("ana", Role.ADMINISTRATOR)
    SecondFactor.objects.all().delete()
    _give_password(device, live_server, "ana")
    wait(device, lambda: "/second-factor/" in device.current_url)  # neither app nor passkey: the first step is here
    axe = _axe()
    assert _violations(device, axe) == []
    device.find_element(By.ID, "passkey-name").send_keys("night phone")
    _press(device, "make")
    wait(device, lambda: device.find_elements(By.CSS_SELECTOR, ".codes"))
    key = Passkey.objects.get(user=user)
    assert key.name == "night phone" and RecoveryCode.objects.filter(user=user).count() == 10

    device.delete_all_cookies()  # as the second factor after the password
    _give_password(device, live_server, "ana")
    wait(device, lambda: "/code/" in device.current_url)
    assert _violations(device, axe) == []
    _press(device, "prove")
    wait(device, lambda: device.find_elements(By.ID, "queue"))

    device.delete_all_cookies()  # and as both factors, without a name or a password
    device.get(_at(live_server, "/desk/login/"))
    _press(device, "prove")
    wait(device, lambda: device.find_elements(By.ID, "queue"))
    assert Passkey.objects.get(pk=key.pk).count > key.count
    assert actions() == ["sign_in", "passkey_made", "sign_in", "view_queue", "sign_in", "view_queue"]

    device.get(_at(live_server, "/desk/sessions/"))
    assert _violations(device, axe) == []
    assert "night phone" in device.find_element(By.CSS_SELECTOR, "[aria-labelledby=h-passkeys]").text
    device.find_element(By.CSS_SELECTOR, "[aria-labelledby=h-passkeys] .view button").click()
    wait(device, lambda: "only second factor" in device.find_element(By.CSS_SELECTOR, ".messages").text)
    assert Passkey.objects.exists()
    assert [entry for entry in device.get_log("browser") if entry["level"] == "SEVERE"] == []


KEY = ec.generate_private_key(ec.SECP256R1())
CREDENTIAL = b"\xaa" * 16


@pytest.fixture
def asked(person: Callable[..., Any]) -> Client:
    """Return a client at localhost that gave a password and was asked for a passkey of its own."""
    data = AttestedCredentialData.create(b"\0" * 16, CREDENTIAL, ES256.from_cryptography_key(KEY.public_key()))
    Passkey.objects.create(user=person("ana"), credential=CREDENTIAL.hex(), data=bytes(data))
    client = Client(HTTP_HOST="localhost")
    client.post("/desk/login/", {"name": "ana", "password": PASSWORD})
    return client


def _challenge(client: Client) -> str:
    return str(json.loads(client.post("/desk/passkeys/prove/").content)["publicKey"]["challenge"])


def _answer(challenge: str, origin: str = "http://localhost", site: str = "localhost", count: int = 9,
            flags: int = 0x05, key: ec.EllipticCurvePrivateKey = KEY) -> str:
    """Return what an authenticator in software says: flags are presence (1) and fingerprint or PIN (4)."""
    said = json.dumps({"type": "webauthn.get", "challenge": challenge, "origin": origin}).encode()
    data = hashlib.sha256(site.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")
    signature = key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
    return json.dumps({"id": websafe_encode(CREDENTIAL), "rawId": websafe_encode(CREDENTIAL), "type": "public-key",
                       "response": {"clientDataJSON": websafe_encode(said), "signature": websafe_encode(signature),
                                    "authenticatorData": websafe_encode(data)}})


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"id": 1}', "not json"])
def test_nonsense_opens_nothing(asked: Client, answer: str) -> None:
    _challenge(asked)
    assert asked.post("/desk/passkeys/sign-in/", {"answer": answer}).status_code == 401
    assert asked.get("/desk/").status_code == 302
    assert actions() == ["passkey_failed"]


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [
    {"key": ec.generate_private_key(ec.SECP256R1())}, {"origin": "https://1ocalhost"}, {"origin": "http://localhost:1"},
    {"site": "elsewhere.example"}, {"flags": 0x01}, {"flags": 0x04}, {"challenge": "guessed-guessed-guessed"}])
def test_a_forged_answer_opens_nothing(asked: Client, wrong: dict[str, Any]) -> None:
    sent = _answer(**{"challenge": _challenge(asked)} | wrong)
    assert asked.post("/desk/passkeys/sign-in/", {"answer": sent}).status_code == 401
    assert asked.get("/desk/").status_code == 302


@pytest.mark.django_db
def test_a_good_answer_is_good_once(asked: Client) -> None:
    sent = _answer(_challenge(asked))
    assert asked.post("/desk/passkeys/sign-in/", {"answer": sent})["Location"] == "/desk/"
    assert asked.get("/desk/").status_code == 200
    asked.post("/desk/logout/")
    assert asked.post("/desk/passkeys/sign-in/", {"answer": sent}).status_code == 401  # nobody was asked


@pytest.mark.django_db
def test_a_copied_passkey_that_counts_back_is_refused(asked: Client) -> None:
    Passkey.objects.update(count=9)
    for count, code in ((9, 401), (0, 401), (10, 302)):
        assert asked.post("/desk/passkeys/sign-in/", {"answer": _answer(_challenge(asked), count=count)}).status_code == code


@pytest.mark.django_db
def test_a_colleague_s_passkey_does_not_follow_my_password(asked: Client, person: Callable[..., Any]) -> None:
    person("ben")
    client = Client(HTTP_HOST="localhost")
    client.post("/desk/login/", {"name": "ben", "password": PASSWORD})
    assert client.post("/desk/passkeys/sign-in/", {"answer": _answer(_challenge(client))}).status_code == 401
    assert client.get("/desk/").status_code == 302


@pytest.mark.django_db
def test_an_ended_account_s_passkey_is_worth_nothing(asked: Client) -> None:
    Passkey.objects.get().user.__class__.objects.update(is_active=False)
    assert asked.post("/desk/passkeys/sign-in/", {"answer": _answer(_challenge(asked))}).status_code == 401


@pytest.mark.django_db
def test_tries_are_throttled(asked: Client) -> None:
    codes = [asked.post("/desk/passkeys/sign-in/", {"answer": "{}"}).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]


@pytest.mark.django_db
def test_who_has_a_passkey_may_still_type_the_code(asked: Client) -> None:
    assert 'data-passkey="prove"' in asked.get("/desk/code/").content.decode()
    assert asked.post("/desk/code/", {"code": fresh_code()}).status_code == 302


@pytest.mark.django_db
def test_a_found_desk_gets_no_passkey_of_a_stranger(asked: Client) -> None:
    asked.post("/desk/code/", {"code": fresh_code()})
    session = asked.session
    session["since"] -= 3600
    session.save()
    page = asked.post("/desk/passkeys/make/", {"answer": "{}"}, follow=True).content.decode()
    assert "sign out and in again" in page and Passkey.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("host, secure, offered", [
    ("localhost:8000", False, True), ("127.0.0.1:8000", False, False), ("desk.clinic.example", True, True),
    ("desk.clinic.example", False, False), ("[::1]:8000", True, False)])
def test_passkeys_are_offered_where_browsers_have_them(rf: Any, settings: Any, host: str, secure: bool,
                                                       offered: bool) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert passkeys.possible(rf.get("/", HTTP_HOST=host, secure=secure)) is offered
