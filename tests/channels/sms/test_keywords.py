"""STOP, START, HELP, in capitals and in people's own words; danger goes first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.channels.gateway import Gateway
from bot.channels.service import replies_for
from bot.channels.sms.keywords import asks_to_stop, keyword, opt_out_rules
from bot.channels.sms.wording import say, wordings
from bot.gsm7 import is_gsm7, segments
from bot.records.models import Alert, Conversation, Message, Outbox, PhoneConsent
from bot.settings import ROOT, get_settings
from tests.channels.conftest import Scripted
from tests.channels.sms.twilio import PHONE, text

RULES = opt_out_rules()
WORDS = replies_for("US").sms_words()


@pytest.mark.parametrize("word, out, expected", [
    *((word, False, "STOP") for word in "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT ALTO PARAR".split()),
    *((word, False, "HELP") for word in "HELP INFO AYUDA".split()), ("START", False, "START"), ("UNSTOP", False, "START"),
    ("stop.", False, "STOP"), ("Alto", False, "STOP"), ("“Stop”", False, "STOP"), ("opt out", False, "STOP"),
    ("yes", False, None), ("YES", True, "START"), ("I want it to stop", False, None), ("end it", False, None),
    ("please help me", False, None), ("cancel my visit", False, None), ("more", False, "MORE"), ("más", False, "MORE")])
def test_only_whole_messages_are_keywords(word: str, out: bool, expected: str | None) -> None:
    assert keyword(word, WORDS, out) == expected


@pytest.mark.parametrize("words", RULES["honoured"])
def test_an_opt_out_in_own_words_is_heard(words: str) -> None:
    assert asks_to_stop(words)


@pytest.mark.parametrize("words", RULES["not_these"])
def test_what_is_no_opt_out_is_not_taken_for_one(words: str) -> None:
    assert not asks_to_stop(words)


@pytest.mark.parametrize("country", ["US", "CA", "GB", "IE", "AU", "NZ", "INT"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_lines_own_texts_fit_two_segments(country: str, language: str) -> None:
    replies, clinic = replies_for(country), get_settings().clinic.copy(update={"country": country})
    for name in wordings():
        said = say(name, language, replies, clinic)
        assert is_gsm7(said) and 0 < segments(said) <= 2, (name, said)
        assert name == "picture_too" or replies.resources.at(country).phrase("emergency", language)[-10:] in said


def test_no_text_asks_anyone_to_send_cancel_or_end() -> None:
    asks = re.compile(r"(?:text|send|reply|type|write|say|env[ií]a|responde|escribe)\W+(?:with\W+|the word\W+)?[\"'“]?"
                      r"(?:cancel|end|quit|unsubscribe)[\"'”.!,]", re.IGNORECASE)
    assert asks.search('Reply CANCEL.') and asks.search('text "end"!') and not asks.search("send us your question.")
    for path in [*sorted((ROOT / "data").rglob("*.yml")), ROOT / "domain.yml"]:
        if "screening/examples" in str(path) or "evaluation" in str(path) or "nlu" in path.parts:
            continue
        assert not asks.search(path.read_text()), path.name
    for path in sorted((ROOT / "actions").glob("*.py")):
        assert not asks.search(path.read_text()), path.name


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
class TestByText:
    async def consents(self, gateway: Gateway) -> list[tuple[str, bool]]:
        return await gateway.in_thread(
            lambda: [(row.source, row.consents) for row in PhoneConsent.objects.filter(phone=PHONE).order_by("id")])

    async def test_consent_is_kept_with_its_wording(self, scripted: Scripted, real_gateway: Gateway) -> None:
        await text("hello")
        await text("STOP")
        await text("start")
        assert await self.consents(real_gateway) == [
            ("first_text", True), ("stop_keyword", False), ("start_keyword", True)]
        versions = await real_gateway.in_thread(
            lambda: list(PhoneConsent.objects.order_by("id").values_list("wording_version", flat=True)))
        assert len(set(versions)) == 3 and all(re.fullmatch(r"\w+\.[0-9a-f]{8}", version) for version in versions)

    async def test_own_words_are_honoured_and_confirmed(self, scripted: Scripted, real_gateway: Gateway) -> None:
        replies = await text("please stop texting me")
        assert len(replies) == 1 and "opted out" in replies[0] and "911" in replies[0] and "988" in replies[0]
        assert (await self.consents(real_gateway))[-1] == ("free_words", False)
        assert not scripted.turns

    @pytest.mark.parametrize("words", RULES["unmistakable"])
    async def test_who_only_unsubscribes_is_not_asked_about_suicide(
            self, scripted: Scripted, real_gateway: Gateway, words: str) -> None:
        replies = await text(words)
        assert len(replies) == 1 and "START" in replies[0] and "911" in replies[0]
        assert (await self.consents(real_gateway))[-1] == ("free_words", False)
        assert not await real_gateway.in_thread(Alert.objects.exists)

    @pytest.mark.parametrize("words", ["stop texting me, i want to die", "no more", "no me escriban más, me quiero morir",
                                       "no more texts. no more anything. goodbye"])
    async def test_an_opt_out_with_anything_else_in_it_goes_to_the_screen(
            self, scripted: Scripted, real_gateway: Gateway, words: str) -> None:
        replies = await text(words)
        assert "988" in replies[0] and "START" not in replies[0]
        assert (await self.consents(real_gateway))[-1] == ("free_words", False)

    @pytest.mark.parametrize("words", ["I want it to stop", "end it", "i just want to end it all"])
    async def test_what_reads_as_danger_goes_to_the_screen(
            self, scripted: Scripted, real_gateway: Gateway, words: str) -> None:
        replies = await text(words)
        assert "988" in replies[0] and "opted out" not in replies[0]
        assert (await self.consents(real_gateway))[-1] == ("first_text", True)

    async def test_an_opt_out_beside_danger_is_kept_and_alerts(self, scripted: Scripted, real_gateway: Gateway) -> None:
        replies = await text("I'm going to kill myself tonight. stop texting me")
        assert len(replies) == 1 and "911" in replies[0] and "opted out" not in replies[0]
        assert (await self.consents(real_gateway))[-1] == ("free_words", False)
        assert await real_gateway.in_thread(Alert.objects.filter(reason="opted_out_in_crisis", priority="P1").exists)

    async def test_stop_in_a_crisis_alerts(self, scripted: Scripted, real_gateway: Gateway) -> None:
        await text("i want to die")
        assert "988" in (await text("QUIT"))[0]
        assert await real_gateway.in_thread(Alert.objects.filter(reason="opted_out_in_crisis").exists)

    async def test_a_yes_to_the_direct_question_is_an_answer_even_after_stop(
            self, scripted: Scripted, real_gateway: Gateway) -> None:
        await text("i don't see a way forward anymore")
        await text("STOP")
        await real_gateway.in_thread(lambda: Conversation.objects.update(question_open=True))
        replies = await text("yes")
        assert replies and "opted in" not in replies[0] and "988" in replies[0]
        assert (await self.consents(real_gateway))[-1] == ("start_keyword", True)

    @pytest.mark.parametrize("kind, body", [("STOP", "STOP"), ("HELP", "help"), ("START", "START"), ("STOP", "basta")])
    async def test_what_twilio_has_answered_is_recorded_and_not_answered_again(
            self, scripted: Scripted, real_gateway: Gateway, kind: str, body: str) -> None:
        assert await text(body, OptOutType=kind) == []
        assert await real_gateway.in_thread(Message.objects.filter(sender="patient", text=body).count) == 1
        assert not await real_gateway.in_thread(Outbox.objects.exists)
        if kind != "HELP":
            assert (await self.consents(real_gateway))[-1] == ("carrier_word", kind == "START")

    async def test_a_yes_that_twilio_takes_for_start_is_still_our_answer(
            self, scripted: Scripted, real_gateway: Gateway) -> None:
        await text("i don't see a way forward anymore")
        await real_gateway.in_thread(lambda: Conversation.objects.update(question_open=True))
        replies = await text("Yes", OptOutType="START")
        assert replies and "988" in replies[0]
        assert await real_gateway.in_thread(lambda: Conversation.objects.get().tier) in ("crisis", "emergency")

    async def test_danger_in_a_word_of_the_carriers_list_is_still_danger(
            self, scripted: Scripted, real_gateway: Gateway) -> None:
        replies = await text("end my life", OptOutType="STOP")
        assert replies and "988" in replies[0]

    @pytest.mark.parametrize("words, says", [
        ("Ayuda", "Emergencia: 911"), ("ALTO", "ya no recibiras"), ("no me manden más mensajes", "ya no recibiras"),
        ("help", "Emergency: 911")])
    async def test_it_answers_in_the_language_of_the_word(self, scripted: Scripted, words: str, says: str) -> None:
        replies = await text(words)
        assert says in replies[0] and "988" in replies[0]


def test_every_text_of_the_line_is_signed_or_says_that_it_is_not() -> None:
    raw = yaml.safe_load(Path(ROOT / "data/sms/texts.yml").read_text())["texts"]
    assert all({"signed_by", "reviewed_on", "review_by"} <= set(entry) for entry in raw.values())


@pytest.mark.parametrize("words", ["i dont want" + " any any more more" * 90 + " x", "please " * 220, "no thanks " * 150])
def test_a_text_that_matches_in_very_many_ways_is_read_all_the_same(words: str) -> None:
    assert asks_to_stop(words) is None


@pytest.mark.parametrize("words, language", [("stop texting me", "en"), ("¡Basta!", "es"), ("no más mensajes", "es")])
def test_the_confirmation_comes_in_the_language_of_the_opt_out(words: str, language: str) -> None:
    asked = asks_to_stop(words)
    assert asked is not None and asked.language == language
