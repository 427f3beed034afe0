"""The two speed-ups change no result, and no patient's word reaches a log."""

from __future__ import annotations

import logging

import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event, SlotSet, UserUttered
from rasa.shared.exceptions import RasaException

from bot.dialogue import quiet, speed


@pytest.fixture(scope="module", autouse=True)
def applied() -> None:
    speed.apply()


def test_event_classes_are_found_as_before() -> None:
    assert Event.resolve_by_type("user") is UserUttered
    assert Event.resolve_by_type("slot") is SlotSet
    assert Event.resolve_by_type("topic") is None
    assert Event.resolve_by_type("nothing like it", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="Unknown event name"):
        Event.resolve_by_type("nothing like it")


def test_an_action_servers_answer_is_still_checked() -> None:
    action = RemoteAction("action_x", None)
    assert action._validate_action_result({"events": [], "responses": []})
    with pytest.raises(jsonschema.ValidationError):
        action._validate_action_result({"events": "no list", "responses": []})


def test_errors_of_rasa_are_logged_without_their_words(caplog: pytest.LogCaptureFixture) -> None:
    before = logging.getLogRecordFactory()
    quiet.install()
    try:
        with caplog.at_level(logging.INFO):
            try:
                raise RasaException("the patient said: my secret")
            except RasaException:
                logging.getLogger("rasa.core.processor").exception("Failed on 'my secret' with %s", "my secret")
    finally:
        logging.setLogRecordFactory(before)
    assert "secret" not in caplog.text
    assert "RasaException" in caplog.text and "test_speed_and_quiet" in caplog.text
