"""Texts go out once each, at the right hour, to those who want them, and what becomes of them only moves forward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from bot.channels import staff
from bot.records import deliveries, opt_outs, store, texts
from bot.records.carrier import Carrier
from bot.records.carrier_errors import carrier_error
from bot.records.models import Alert, Conversation, Message, Outbox
from bot.records.outbox import Sender
from bot.records.quiet import allowed_from, zones_of
from bot.settings import Settings, get_settings
from bot.standin.network import Faults, Network
from tests.standin.running import standin

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "+12125550142"
CLINIC = get_settings().clinic


@pytest.fixture
def carrier() -> Iterator[tuple[Network, Settings]]:
    settings = get_settings()
    with standin(settings.env.twilio_auth_token, settings.env.sms_number) as (network, port):
        yield network, replace(settings, env=replace(settings.env, standin_port=port))


@pytest.fixture
def chat() -> Conversation:
    return store.open_conversation("sms", phone=PHONE)


def reply(chat: Conversation, text: str = "An answer.", asked: bool = True) -> Outbox:
    """Return the queued text of a reply that was handed over and not confirmed."""
    if asked:
        Message.objects.create(conversation=chat, sender="patient", text="?", dedup=f"{timezone.now()}")
    message = Message.objects.create(conversation=chat, sender="bot", kind="answer", text=text)
    return texts.queue_replies(chat, [message])[0]


def due() -> None:
    Outbox.objects.filter(state="queued").update(not_before=timezone.now())


def on_phone(network: Network, phone: str = PHONE) -> list[str]:
    return [text.body for text in network.texts.of_phone(phone)]


class TestOnce:
    def test_a_reply_that_nobody_confirmed_is_sent(self, carrier: tuple[Network, Settings], chat: Conversation) -> None:
        row = reply(chat)
        assert Sender(carrier[1]).send_due() == 0  # the webhook's answer may still be on its way
        due()
        assert Sender(carrier[1]).send_due() == 1
        row.refresh_from_db()
        assert on_phone(carrier[0]) == ["An answer."] and row.state == "sent" and row.provider_id

    @pytest.mark.parametrize("moment", ["before the call", "after the call"])
    def test_a_worker_that_dies_around_the_call(
            self, carrier: tuple[Network, Settings], chat: Conversation, moment: str) -> None:
        row = reply(chat)
        texts.send_now([row.message])
        dying = Sender(carrier[1])
        claimed, _ = dying._claim()
        if moment == "after the call":
            Carrier(carrier[1]).send(claimed)
        Outbox.objects.filter(pk=row.pk).update(not_before=timezone.now() - timedelta(seconds=31))
        assert Sender(carrier[1]).send_due() == 1
        assert on_phone(carrier[0]) == ["An answer."]
        row.refresh_from_db()
        assert row.state == "sent" and row.provider_id in carrier[0].texts.by_sid

    def test_an_answer_of_the_carrier_that_is_lost(self, carrier: tuple[Network, Settings], chat: Conversation) -> None:
        network, settings = carrier
        sender = Sender(settings)
        for _ in range(40):
            texts.send_now([reply(chat, "The same words.").message])
        network.faults = Faults(api=0.4)
        for _ in range(60):
            due()
            sender.send_due()
        assert on_phone(network) == ["The same words."] * 40
        assert set(Outbox.objects.values_list("state", flat=True)) == {"sent"}
        assert len(set(Outbox.objects.values_list("provider_id", flat=True))) == 40

    def test_one_who_took_anothers_text_gives_it_back(self, carrier: tuple[Network, Settings], chat: Conversation) -> None:
        first, second = reply(chat, "Same."), reply(chat, "Same.")
        sid = Carrier(carrier[1]).send(second)  # the second's arrived, the first's was lost
        Outbox.objects.filter(pk=first.pk).update(not_before=timezone.now())
        Sender(carrier[1]).send_due()
        first.refresh_from_db()
        assert first.provider_id == sid
        assert deliveries.note_status(CLINIC, second.pk, sid, "delivered", None)
        due()
        Sender(carrier[1]).send_due()
        first.refresh_from_db(), second.refresh_from_db()
        assert second.provider_id == sid and first.provider_id not in ("", sid)
        assert on_phone(carrier[0]) == ["Same.", "Same."]

    def test_two_workers_share_the_work(self, carrier: tuple[Network, Settings], chat: Conversation) -> None:
        for number in range(20):
            texts.send_now([reply(chat, f"Number {number}.").message])
        one, two = Sender(carrier[1]), Sender(carrier[1])
        while one.send_due(1) + two.send_due(1):
            pass
        assert sorted(on_phone(carrier[0])) == sorted(f"Number {number}." for number in range(20))

    def test_one_of_which_nobody_knows_whether_it_went_out_is_found_behind_hundreds_of_others(
            self, carrier: tuple[Network, Settings], chat: Conversation) -> None:
        network, settings = carrier
        row = reply(chat, "Was this one sent?")
        sid = Carrier(settings).send(row)
        for number in range(420):
            Carrier(settings).send(Outbox(pk=900000 + number, to=PHONE, body=f"Number {number}."))
        Outbox.objects.filter(pk=row.pk).update(state="sending", unsure=True,
                                                not_before=timezone.now() - timedelta(minutes=1))
        assert Sender(settings).send_due(1) == 1
        row.refresh_from_db()
        assert (row.state, row.provider_id) == ("sent", sid)
        assert on_phone(network).count("Was this one sent?") == 1

    def test_too_many_at_once_makes_a_pause(self, carrier: tuple[Network, Settings], chat: Conversation,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
        network, settings = carrier
        texts.send_now([reply(chat, "One.").message, reply(chat, "Two.").message])
        network.faults = Faults(api=1.0)
        monkeypatch.setattr(network.random, "choice", lambda kinds: "busy")
        assert Sender(settings).send_due() == 1
        row = Outbox.objects.get(body="One.")
        assert (row.state, row.error_code, row.unsure) == ("queued", 20429, False) and row.not_before > timezone.now()


class TestWordOfTheCarrier:
    def words(self, row: Outbox, *words: str, sid: str = "SM1", code: int | None = None) -> Outbox:
        for word in words:
            deliveries.note_status(CLINIC, row.pk, sid, word, code if word in ("failed", "undelivered") else None)
        row.refresh_from_db()
        return row

    def test_it_only_moves_forward(self, chat: Conversation) -> None:
        row = self.words(reply(chat), "delivered", "sent", "queued", "undelivered")
        assert (row.carrier_status, row.state, row.unsure) == ("delivered", "sent", False)

    def test_strange_words_change_nothing(self, chat: Conversation) -> None:
        row = reply(chat)
        assert not deliveries.note_status(CLINIC, row.pk, "SM1", "exploded", None)
        assert not deliveries.note_status(CLINIC, row.pk, "", "sent", None)
        assert not deliveries.note_status(CLINIC, None, "SM1", "sent", None)

    @pytest.mark.parametrize("code", [30004, 30005, 30006, 30007, 30034, 39999])
    def test_what_will_not_arrive_is_given_up_and_said(self, chat: Conversation, code: int) -> None:
        row = self.words(reply(chat), "sent", "undelivered", code=code)
        assert (row.state, row.error_code) == ("failed", code)
        [problem] = deliveries.problems(chat)
        assert problem.says == carrier_error(code).says and problem.gave_up

    @pytest.mark.parametrize("code, tries", [(30003, 3), (30008, 2)])
    def test_what_may_arrive_later_is_tried_again_and_then_given_up(
            self, carrier: tuple[Network, Settings], chat: Conversation, code: int, tries: int) -> None:
        row, sender = reply(chat), Sender(carrier[1])
        for number in range(1, tries + 1):
            due()
            sender.send_due()
            row.refresh_from_db()
            row = self.words(row, "undelivered", sid=row.provider_id, code=code)
            assert row.state == ("failed" if number == tries else "queued")
            late = self.words(row, "sent", sid=row.provider_id)  # late word of the try that failed
            assert late.state == row.state
        assert len(on_phone(carrier[0])) == tries

    def test_a_text_in_a_webhooks_answer_was_the_first_try(
            self, carrier: tuple[Network, Settings], chat: Conversation) -> None:
        row, sender = self.words(reply(chat), "undelivered", sid="SMtwiml", code=30008), Sender(carrier[1])
        assert (row.state, row.attempts) == ("queued", 1)
        due()
        sender.send_due()
        row.refresh_from_db()
        row = self.words(row, "undelivered", sid=row.provider_id, code=30008)
        assert (row.state, row.attempts, len(on_phone(carrier[0]))) == ("failed", 2, 1)

    def test_an_opt_out_that_the_carrier_knows_is_kept(self, carrier: tuple[Network, Settings], chat: Conversation) -> None:
        carrier[0].blocked.add(PHONE)
        row = reply(chat)
        due()
        Sender(carrier[1]).send_due()
        row.refresh_from_db()
        assert (row.state, row.error_code) == ("failed", 21610)
        word = opt_outs.latest(PHONE)
        assert word is not None and (word.consents, word.source) == (False, "carrier")
        assert "opted out" in deliveries.problems(chat)[0].says

    def test_a_crisis_reply_that_does_not_arrive_alerts(self, chat: Conversation) -> None:
        store.touch(chat, tier="crisis")
        self.words(reply(chat), "undelivered", code=30005)
        assert Alert.objects.get().reason == "text_not_delivered"


class TestWhatTheClinicStarts:
    def test_it_waits_for_the_morning_where_the_phone_is(
            self, carrier: tuple[Network, Settings], monkeypatch: pytest.MonkeyPatch) -> None:
        honolulu, night = "+18085550142", datetime(2036, 11, 24, 14, 0, tzinfo=UTC)  # 9 am in New York, 4 am there
        monkeypatch.setattr(timezone, "now", lambda: night)
        texts.queue_clinic_text(PHONE, "See you tomorrow at 9:00.", "one")
        texts.queue_clinic_text(honolulu, "See you tomorrow at 9:00.", "two")
        Sender(carrier[1]).send_due()
        assert on_phone(carrier[0]) and not on_phone(carrier[0], honolulu)
        row = Outbox.objects.get(key="two")
        assert row.not_before == datetime(2036, 11, 24, 19, 0, tzinfo=UTC) and row.attempts == 0
        monkeypatch.setattr(timezone, "now", lambda: row.not_before)
        Sender(carrier[1]).send_due()
        assert on_phone(carrier[0], honolulu)

    def test_a_reply_never_waits(self, carrier: tuple[Network, Settings], chat: Conversation,
                                 monkeypatch: pytest.MonkeyPatch) -> None:
        texts.send_now([reply(chat).message])
        monkeypatch.setattr(timezone, "now", lambda: datetime(2030, 1, 1, 8, 0, tzinfo=UTC))  # 3 am in New York
        Sender(carrier[1]).send_due()
        assert on_phone(carrier[0]) == ["An answer."]

    def test_the_treatment_is_not_named(self, carrier: tuple[Network, Settings]) -> None:
        for text in ("Your ketamine visit is tomorrow.", "Su cita de ketamina", "Spravato at 9"):
            with pytest.raises(texts.NamesTreatment):
                texts.queue_clinic_text(PHONE, text, "k")
        Outbox.objects.create(kind="sms", to=PHONE, body="Ketamine tomorrow", key="past the gate")
        Sender(carrier[1]).send_due()
        assert not on_phone(carrier[0]) and "must not name" in Outbox.objects.get().error
        assert not texts.names_treatment(CLINIC.neutral_name)

    def test_who_opted_out_gets_none(self, carrier: tuple[Network, Settings]) -> None:
        assert texts.queue_clinic_text(PHONE, "See you tomorrow.", "before")
        opt_outs.record_consent(PHONE, False, "stop_keyword", "x")
        assert not texts.queue_clinic_text(PHONE, "See you tomorrow.", "after")
        Outbox.objects.update(clinic_started=False)
        Sender(carrier[1]).send_due()
        assert not on_phone(carrier[0]) and "opted out" in Outbox.objects.get().error


class TestStaff:
    @pytest.fixture
    def nurse(self) -> object:
        from django.contrib.auth.models import User

        return User.objects.create_user("nurse", first_name="Sam", last_name="Reed")

    def say(self, chat: Conversation, nurse: object, text: str = "Can I call you?") -> Outbox:
        staff.take_over(chat, nurse)
        staff.send_staff_reply(chat, nurse, text)
        return Outbox.objects.latest("id")

    def test_an_answer_goes_out_at_any_hour(self, chat: Conversation, nurse: object) -> None:
        Message.objects.create(conversation=chat, sender="patient", text="?", dedup="1")
        assert not self.say(chat, nurse).clinic_started

    def test_long_after_the_patients_last_word_it_is_no_answer(self, chat: Conversation, nurse: object) -> None:
        Message.objects.create(conversation=chat, sender="patient", text="?", dedup="1",
                               at=timezone.now() - timedelta(hours=25))
        assert self.say(chat, nurse).clinic_started

    def test_after_an_opt_out_only_an_answer_goes_out(
            self, carrier: tuple[Network, Settings], chat: Conversation, nurse: object) -> None:
        Message.objects.create(conversation=chat, sender="patient", text="stop texting me", dedup="1",
                               at=timezone.now() - timedelta(seconds=5))
        opt_outs.record_consent(PHONE, False, "free_words", "x")
        row = self.say(chat, nurse)
        Sender(carrier[1]).send_due()
        row.refresh_from_db()
        assert row.state == "failed" and "opted out" in row.error and "Can I call you?" not in on_phone(carrier[0])
        Message.objects.create(conversation=chat, sender="patient", text="wait, one question", dedup="2")
        staff.send_staff_reply(chat, nurse, "Of course.")
        Sender(carrier[1]).send_due()
        assert on_phone(carrier[0])[-1] == "Of course."

    def test_a_long_one_comes_in_parts_and_in_plain_signs(self, chat: Conversation, nurse: object) -> None:
        row = self.say(chat, nurse, "We’re open – call us. " * 40)
        assert row.body.endswith("Reply MORE for the rest.") and "We're open - call us." in row.body


def test_a_number_in_the_settings_may_be_written_as_people_do(carrier: tuple[Network, Settings]) -> None:
    Outbox.objects.create(kind="sms", to="(212) 555-0142", body="Alert P1", key="a")
    Outbox.objects.create(kind="sms", to="+1 212 555 0142", body="Alert P1", key="b")
    Sender(carrier[1]).send_due()
    assert on_phone(carrier[0]) == ["Alert P1"] * 2


@pytest.mark.parametrize("phone, zones", [
    ("+12125550142", ["America/New_York"]), ("+18085550142", ["Pacific/Honolulu"]), ("+14155550142", ["America/Los_Angeles"]),
    ("+16025550142", ["America/Phoenix"]), ("+18005550142", [CLINIC.time_zone]), ("+442079460142", ["Europe/London"]),
    ("+81312345678", [CLINIC.time_zone]), ("+19075550142", ["America/Adak", "America/Anchorage"])])
def test_where_a_phone_is_at_home(phone: str, zones: list[str]) -> None:
    assert [str(zone) for zone in zones_of(phone, CLINIC)] == zones


@pytest.mark.parametrize("hour, minute, waits_until", [
    (19, 59, None), (20, 0, (24, 9)), (23, 30, (24, 9)), (3, 0, (23, 9)), (8, 59, (23, 9)), (9, 0, None)])
def test_quiet_hours_in_new_york(hour: int, minute: int, waits_until: tuple[int, int] | None) -> None:
    zone = zones_of(PHONE, CLINIC)[0]
    now = datetime(2026, 11, 23, hour, minute, tzinfo=zone)
    expected = now if waits_until is None else datetime(2026, 11, waits_until[0], waits_until[1], tzinfo=zone)
    assert allowed_from(PHONE, CLINIC, now) == expected


def test_the_rest_is_offered_in_the_patients_language() -> None:
    chat = store.open_conversation("sms", phone=PHONE, language="es")
    first = texts.parts(Message(conversation=chat, text="Una frase que no acaba nunca y sigue. " * 20))[0]
    assert first.endswith("Responde MAS para el resto.")
