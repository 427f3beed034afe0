"""Rasa's memory stays short, and nothing that the dialogue needs is lost with the rest."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SlotSet, UserUttered

from bot.dialogue.memory import MEMORY, remembered
from bot.dialogue.trackers import KEEP, TRIM_AT, RecentTrackerStore
from tests import servers

DOMAIN = Domain.from_yaml("""
version: "3.1"
intents: [greet]
slots:
  wish: {type: text, mappings: [{type: custom}]}
forms: {a_form: {required_slots: [wish]}}
responses: {utter_hi: [{text: hi}]}
""")


@pytest.fixture
def url(tmp_path: Path) -> str:
    if servers.grown_up():
        return servers.postgresql().database().replace("postgres://", "postgresql://")
    return f"sqlite:///{tmp_path / 'dialogue.sqlite3'}"


async def talk(store: RecentTrackerStore, turns: int, sender: str = "someone") -> None:
    for turn in range(turns):
        tracker = await store.get_or_create_tracker(sender)
        tracker.update(UserUttered(f"message {turn}", intent={"name": "greet"}))
        if turn == 0:
            tracker.update(SlotSet("wish", "tuesday"))
            tracker.update(ActiveLoop("a_form"))
        tracker.update(ActionExecuted("utter_hi"))
        tracker.update(ActionExecuted("action_listen"))
        await store.save(tracker)


@pytest.mark.slow
@pytest.mark.postgresql
def test_several_servers_start_at_once_on_an_empty_database() -> None:
    url = servers.postgresql().database().replace("postgres://", "postgresql://")
    together = threading.Barrier(6)

    def start(_: int) -> RecentTrackerStore:
        together.wait()
        return RecentTrackerStore(DOMAIN, host=url)

    with ThreadPoolExecutor(6) as threads:
        assert len(list(threads.map(start, range(6)))) == 6


async def test_a_long_conversation_is_cut_and_keeps_slots_and_form(url: str) -> None:
    store = RecentTrackerStore(DOMAIN, host=url)
    await talk(store, 200)
    for reader in (store, RecentTrackerStore(DOMAIN, host=url)):  # this process, and one that has just started
        tracker = await reader.retrieve("someone")
        assert tracker is not None
        assert len(tracker.events) <= TRIM_AT + 3
        assert tracker.get_slot("wish") == "tuesday"
        assert tracker.active_loop_name == "a_form"
        assert tracker.latest_message.text == "message 199"


async def test_a_short_conversation_comes_back_whole(url: str) -> None:
    await talk(RecentTrackerStore(DOMAIN, host=url), 3)
    tracker = await RecentTrackerStore(DOMAIN, host=url).retrieve("someone")
    assert [event.text for event in tracker.events if isinstance(event, UserUttered)] == [
        "message 0", "message 1", "message 2"]
    assert len(tracker.events) <= KEEP


async def test_what_another_process_wrote_is_seen(url: str) -> None:
    one, other = RecentTrackerStore(DOMAIN, host=url), RecentTrackerStore(DOMAIN, host=url)
    await talk(one, 1)
    await talk(other, 1)
    tracker = await one.retrieve("someone")
    assert sum(isinstance(event, UserUttered) for event in tracker.events) == 2


async def test_forgetting_leaves_nothing(url: str) -> None:
    store = RecentTrackerStore(DOMAIN, host=url)
    await talk(store, 2)
    await store.forget("someone")
    assert await RecentTrackerStore(DOMAIN, host=url).retrieve("someone") is None


async def test_rasa_makes_the_store_that_the_settings_name(tmp_path: Path) -> None:
    from rasa.core.tracker_store import TrackerStore
    from rasa.utils.endpoints import EndpointConfig

    file = tmp_path / "dialogue.sqlite3"
    made = TrackerStore.create(
        EndpointConfig(url=f"sqlite:///{file}", type="bot.dialogue.trackers.RecentTrackerStore"), DOMAIN)
    tracker = await made.get_or_create_tracker("someone")
    tracker.update(UserUttered("hello", intent={"name": "greet"}))
    await made.save(tracker)
    assert await RecentTrackerStore(DOMAIN, host=f"sqlite:///{file}").retrieve("someone") is not None


async def test_a_stranger_has_no_past(url: str) -> None:
    assert await RecentTrackerStore(DOMAIN, host=url).retrieve("nobody") is None


async def test_a_turn_is_kept_without_what_only_it_needed(url: str) -> None:
    store = RecentTrackerStore(DOMAIN, host=url)
    tracker = await store.get_or_create_tracker("someone")
    for number in range(2):
        tracker.update(UserUttered("what is it", {"name": "greet"}, parse_data={
            "answers": [{"text": "long"}], "screening": {"tier": "none"}}, metadata={MEMORY: {"topic": "before"}}))
        tracker.update(BotUttered("this", metadata={MEMORY: {"topic": f"T{number}"}}))
        tracker.update(BotUttered("and your name?"))
    await store.save(tracker)
    for reader in (store, RecentTrackerStore(DOMAIN, host=url)):
        kept = await reader.retrieve("someone")
        assert kept is not None
        assert remembered(kept) == {"topic": "T1"}
        assert sum(MEMORY in event.metadata for event in kept.events) == 1
        assert kept.latest_message.parse_data["screening"] == {"tier": "none"}
        assert "answers" not in kept.latest_message.parse_data
