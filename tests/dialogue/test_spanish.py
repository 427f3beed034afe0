"""A conversation in Spanish: what is ours to say is in Spanish, and an answer in English is said to be in English."""

from __future__ import annotations

import re
import uuid

import pytest
import yaml
from asgiref.sync import sync_to_async

from bot.channels.gateway import Gateway
from bot.channels.inbound import Inbound
from bot.dialogue.spanish import spoken
from bot.records import store
from bot.settings import ROOT
from tests.channels.conftest import real_gateway  # noqa: F401
from tests.dialogue.conftest import Talk

turns = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_the_domain_s_own_texts_are_all_there_and_fill_in_the_same() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    said = spoken()["says"]
    assert said.keys() == domain.keys() - {"utter_crisis"}  # the crisis texts have their own file
    known = {"clinic", "phone", "person_when", "emergency", "lifeline_name"}
    for name, text in said.items():
        assert set(re.findall(r"\{(\w+)\}", text)) <= known, name


class TestTurns:
    pytestmark = turns

    @pytest.mark.parametrize("text, part", [
        ("hola", "Hola"), ("quiero hablar con una persona", "nuestro equipo"), ("gracias", "De nada")])
    async def test_what_is_ours_is_in_spanish(self, talk: Talk, text: str, part: str) -> None:
        assert part in (await talk.say(text, language="es"))[0]["text"]

    async def test_a_question_in_the_middle_of_a_booking_is_marked_and_the_booking_goes_on(
            self, real_gateway: Gateway) -> None:  # noqa: F811
        conversation = await sync_to_async(store.open_conversation)("web")
        said = []
        for text in ("hola, quiero una cita", "¿cuáles son los efectos secundarios de la ketamina?", "el martes"):
            outcome = await real_gateway.receive(Inbound(conversation, str(uuid.uuid4()), "spanish", text))
            said.append([reply.text for reply in outcome.replies])
        assert said[1][0].startswith("Por ahora solo puedo responder a esto en inglés:\n")
        assert "¿Qué días" in said[1][-1] and "Estas horas están libres" in said[2][0]

    async def test_english_stays_as_it_was(self, talk: Talk) -> None:
        assert "inglés" not in (await talk.say("what are the side effects?", language="en"))[0]["text"]
