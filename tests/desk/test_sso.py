"""Single sign-on against a provider that really serves discovery, keys and tokens over HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey

from bot.desk.models import StaffProfile
from bot.desk.views import sso
from bot.settings import Oidc, get_settings
from tests.desk.conftest import actions, fresh_code

pytestmark = pytest.mark.django_db
KEY = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"})


class Provider:
    """An identity provider; `claims` is what it says of whoever signs in, `key` what it signs with."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "u-1", "email": "ana@clinic.example", "email_verified": True,
                                       "amr": ["pwd", "mfa"]}
        self.key, self.nonce, self.asked = KEY, "", {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(provider.discovery() if "openid-configuration" in self.path
                           else {"keys": [KEY.as_dict(private=False)]})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.asked = {name: values[0] for name, values in parse_qs(body).items()}
                self._send({"access_token": "x", "token_type": "Bearer", "id_token": provider.id_token()})

            def _send(self, data: Any) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(data).encode())

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def discovery(self) -> dict[str, Any]:
        return {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256"]}

    def id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "desk", "iat": now, "exp": now + 60, "nonce": self.nonce, **self.claims}
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """Return a provider that the desk is set to trust."""
    made, settings = Provider(), get_settings()
    named = Oidc(made.issuer, "desk", "very secret", "email", "Example sign-on")
    chosen = replace(settings, env=replace(settings.env, oidc=named))
    for module in (sso, "bot.desk.views.sign_in"):
        target = f"{module}.get_settings" if isinstance(module, str) else f"{module.__name__}.get_settings"
        monkeypatch.setattr(target, lambda: chosen)
    yield made
    made.server.shutdown()
    made.server.server_close()


def come_in(provider: Provider, client: Client) -> Any:
    """Go to the provider and come back, as a browser does; return the desk's answer."""
    query = parse_qs(urlsplit(client.get("/desk/sso/")["Location"]).query)
    provider.nonce = query["nonce"][0]
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"][0].endswith("/desk/sso/back/")
    return client.get("/desk/sso/back/", {"code": "abc", "state": query["state"][0]})


def test_an_invited_person_signs_in(provider: Provider, person: Callable[..., Any]) -> None:
    user, client = person("ana@clinic.example"), Client()
    assert "Sign in with Example sign-on" in client.get("/desk/login/").content.decode()
    assert come_in(provider, client)["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200
    assert "code_verifier" in provider.asked
    assert StaffProfile.objects.get(user=user).sso_subject == "u-1"
    assert actions() == ["sign_in", "view_queue"]


def test_without_a_second_factor_there_ours_is_asked(provider: Provider, person: Callable[..., Any]) -> None:
    person("ana@clinic.example")
    provider.claims["amr"] = ["pwd"]
    client = Client()
    assert come_in(provider, client)["Location"] == "/desk/code/"
    assert client.get("/desk/").status_code == 302
    client.post("/desk/code/", {"code": fresh_code()})
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize("claims", [
    {"email": "stranger@clinic.example"}, {"email_verified": False}, {"sub": ""}, {"email": ""},
    {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"nonce": "old"}])
def test_others_and_forged_tokens_are_refused(provider: Provider, person: Callable[..., Any],
                                              claims: dict[str, Any]) -> None:
    person("ana@clinic.example")
    provider.claims |= claims
    client = Client()
    assert come_in(provider, client).status_code == 403
    assert client.get("/desk/").status_code == 302
    assert actions() == ["sso_failed"]


def test_a_token_signed_by_somebody_else_is_refused(provider: Provider, person: Callable[..., Any]) -> None:
    person("ana@clinic.example")
    provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert come_in(provider, Client()).status_code == 403


def test_a_state_that_is_not_ours_is_refused(provider: Provider, person: Callable[..., Any]) -> None:
    person("ana@clinic.example")
    assert Client().get("/desk/sso/back/", {"code": "abc", "state": "guessed"}).status_code == 403


def test_an_address_given_to_somebody_else_opens_nothing(provider: Provider, person: Callable[..., Any]) -> None:
    person("ana@clinic.example")
    come_in(provider, Client())
    provider.claims["sub"] = "u-2"  # the address now belongs to another person
    assert come_in(provider, Client()).status_code == 403


def test_an_ended_account_stays_out(provider: Provider, person: Callable[..., Any]) -> None:
    user = person("ana@clinic.example")
    user.is_active = False
    user.save()
    assert come_in(provider, Client()).status_code == 403


def test_without_a_provider_there_is_no_such_page() -> None:
    assert Client().get("/desk/sso/").status_code == 404
    assert Client().get("/desk/sso/back/").status_code == 404
    assert "Sign in with" not in Client().get("/desk/login/").content.decode()
