"""Texts go out once each, and what becomes of them only moves forward."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bot.records import deliveries, opt_outs, store, texts
from bot.records.carrier import Carrier
from bot.records.carrier_errors import carrier_error
from bot.records.models import Alert, Conversation, Outbox
from bot.records.outbox import Sender
from bot.settings import Settings
from bot.standin.network import Faults, Network
from tests.records.sending import CLINIC, PHONE, due, on_phone, reply

pytestmark = pytest.mark.django_db(transaction=True)


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
