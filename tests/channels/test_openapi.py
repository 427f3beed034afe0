"""What docs/openapi.yml allows, and what it does not, tried on the real service: no fault, and no surprise."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from twilio.request_validator import RequestValidator

from bot.settings import load_settings
from tests.tools import Service, call

pytestmark = [pytest.mark.slow]
DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "openapi.yml"
SCHEMA = schemathesis.openapi.from_path(DESCRIPTION)
OPERATIONS = {operation.label: operation for operation in (found.ok() for found in SCHEMA.get_all_operations())}
load_all_checks()
CHECKED = [CHECKS.get_one(name) for name in (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")]
STREAM, READY = "GET /api/events", "GET /readyz"
visitors = itertools.count(1)


def visitor() -> str:
    """Return an address that nobody called from yet, as a proxy in front would name it: a fuzzer is a flood."""
    number = next(visitors)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def headers_for(service: Service, operation: str, case: Any) -> dict[str, str]:
    """Return what a rightful caller sends along: a token of a fresh chat, or Twilio's signature."""
    headers = {"X-Forwarded-For": visitor()}
    if "/api/" in operation and operation != "POST /api/conversations":
        status, body = call(f"{service.base}/api/conversations", {})
        assert status == 201
        headers["Authorization"] = f"Bearer {body['conversation']}"
    if "/sms/" in operation and isinstance(case.body, dict):
        env = load_settings(environ=service.environment).env
        fields = {name: str(value) for name, value in case.body.items()}
        path = operation.removeprefix("POST ")
        signer = RequestValidator(env.twilio_auth_token)
        headers["X-Twilio-Signature"] = signer.compute_signature(env.public_url + path, fields)
    return headers


@pytest.mark.parametrize(("label", "mode"), [
    (label, mode) for label in OPERATIONS for mode in GenerationMode
    # Where nothing can be sent along, nothing can be sent wrongly.
    if label != STREAM and (mode is GenerationMode.POSITIVE or label not in ("GET /healthz", READY))])
def test_no_fault_and_no_answer_that_is_not_described(live_service: Service, label: str, mode: GenerationMode) -> None:
    operation = OPERATIONS[label]

    @settings(max_examples=25, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        headers = headers_for(live_service, label, case)
        response = case.call(base_url=live_service.base, headers=headers, timeout=30)
        if label == READY and response.status_code == 503:
            return  # says which part is not ready yet, as described
        case.validate_response(response, checks=CHECKED)

    check()


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_a_stream_starts_or_says_why_not(live_service: Service, mode: GenerationMode) -> None:
    @settings(max_examples=15, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))
    @given(case=OPERATIONS[STREAM].as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        sent = {**(case.headers or {}), **headers_for(live_service, STREAM, case)}
        try:
            answer = requests.get(f"{live_service.base}/api/events", headers=sent, stream=True, timeout=10)
        except (requests.exceptions.InvalidHeader, UnicodeEncodeError):
            return  # no client can send that
        with answer:
            assert answer.status_code in (200, 400)
            assert answer.headers["Content-Type"].startswith(
                "text/event-stream" if answer.status_code == 200 else "application/json")

    check()


def test_every_address_for_patients_is_described() -> None:
    from bot.channels.urls import urlpatterns

    ours = {"/" + str(each.pattern).replace("<str:token>", "{token}") for each in urlpatterns}
    hidden = {"/^api/", "/sms/resume", "/demo/sms", "/demo/phone", "/metrics", "/w/{token}", "/feeds/{token}.ics",
              "/fhir/<str:name>"}
    assert ours - hidden <= set(SCHEMA.raw_schema["paths"])
