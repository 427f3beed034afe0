"""Rasa's dialogue memory: the last events of a conversation, and no more.

The transcript is in the records. Rasa replays every event it loads at every turn, so a store
that loads all of them makes the thousandth turn cost a second; this one stays flat.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any, Dict, Iterable, List, Optional, Text

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, BotUttered, Event, SlotSet, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.memory import MEMORY

KEEP = 60          # events that are replayed
FIRST_START = 72616102  # a number for a lock of PostgreSQL that nothing else uses
TRIM_AT = 120      # events at which a tracker in memory is cut back
CACHED = 500       # conversations whose trackers stay in memory
# What understanding found and only its own turn needs.
OF_THE_TURN = ("answers", "intent_ranking", "metadata")

_metadata = sa.MetaData()
_events = sa.Table(
    "rasa_dialogue", _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("sender", sa.String(64), nullable=False, index=True),
    # All new events of one turn, and the state that a reader of the newest rows starts from.
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)


class RecentTrackerStore(TrackerStore):
    """Keeps turns in a table and recent trackers in memory; a row written by another process is seen."""

    def __init__(self, domain: Domain, event_broker: Optional[EventBroker] = None, host: Text = "sqlite://",
                 **kwargs: Any) -> None:
        super().__init__(domain, event_broker)
        url = host  # Rasa hands in the `url` of endpoints.yml by this name
        # SQLAlchemy opens a file anew for every statement unless it is told to keep it open.
        options: Dict[Text, Any] = {"poolclass": sa.pool.QueuePool, "connect_args": {"check_same_thread": False}} \
            if url.startswith("sqlite:///") else {"pool_pre_ping": True, "connect_args": {
                "connect_timeout": 3, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
                "tcp_user_timeout": 10_000}} if url.startswith("postgres") else {}
        self._engine = sa.create_engine(url, **options)
        # Written out, since SQLAlchemy takes longer to put such statements together than to run them.
        mark = "?" if url.startswith("sqlite") else "%s"
        self._newest = f"SELECT max(id) FROM rasa_dialogue WHERE sender = {mark}"
        self._insert = f"INSERT INTO rasa_dialogue (sender, events, state) VALUES ({mark}, {mark}, {mark}) RETURNING id"
        if url.startswith("sqlite"):
            sa.event.listen(self._engine, "connect", _wal)
        with self._engine.begin() as connection:
            if url.startswith("postgres"):  # two servers that start on an empty database would both make the table
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({FIRST_START})")
            _metadata.create_all(connection)
        # sender → (newest row's id, its tracker, how many of the tracker's events are written)
        self._cache: "OrderedDict[Text, tuple[int, DialogueStateTracker, int]]" = OrderedDict()

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """Return the conversation's tracker with its recent events, or None for a new one."""
        with self._engine.connect() as connection:
            newest = connection.exec_driver_sql(self._newest, (sender_id,)).scalar()
            if newest is None:
                return None
            cached = self._cache.get(sender_id)
            if cached and cached[0] == newest and cached[2] == len(cached[1].events):
                self._cache.move_to_end(sender_id)
                return cached[1]
            rows = connection.execute(
                sa.select(_events.c.events, _events.c.state).where(_events.c.sender == sender_id)
                .order_by(_events.c.id.desc()).limit(KEEP)).all()
        tracker = self._rebuilt(sender_id, rows)
        self._remember(sender_id, newest, tracker)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the turn's new events, and cut a tracker that has grown long."""
        await self.stream_events(tracker)
        sender, cached = tracker.sender_id, self._cache.get(tracker.sender_id)
        written = cached[2] if cached and cached[1] is tracker else 0
        fresh = list(tracker.events)[written:]
        if not fresh and written:
            return
        _slim(tracker, fresh)
        row = (sender, json.dumps([event.as_dict() for event in fresh]), json.dumps(_state(tracker)))
        with self._engine.begin() as connection:
            newest = int(connection.exec_driver_sql(self._insert, row).scalar())
        if len(tracker.events) > TRIM_AT:
            tracker = self._trimmed(tracker)
        self._remember(sender, newest, tracker)

    async def keys(self) -> Iterable[Text]:
        """Return the conversations that are known."""
        with self._engine.connect() as connection:
            return [row[0] for row in connection.execute(sa.select(_events.c.sender).distinct())]

    async def forget(self, sender_id: Text) -> None:
        """Delete a conversation's dialogue."""
        self._cache.pop(sender_id, None)
        with self._engine.begin() as connection:
            connection.execute(_events.delete().where(_events.c.sender == sender_id))

    def _rebuilt(self, sender: Text, rows: List[Any]) -> DialogueStateTracker:
        """Return a tracker from the newest rows (newest first), with the state before them."""
        kept: List[Any] = []
        count = 0
        for row in rows:
            kept.insert(0, row)
            count += len(json.loads(row.events))
            if count >= KEEP:
                break
        before = json.loads(rows[len(kept)].state) if len(kept) < len(rows) else None
        events = deserialise_events([event for row in kept for event in json.loads(row.events)])
        return self._fresh(sender, _restore(before), events)

    def _trimmed(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        events = list(tracker.events)
        earlier = self._fresh(tracker.sender_id, [], events[:-KEEP])
        return self._fresh(tracker.sender_id, _restore(_state(earlier)), events[-KEEP:])

    def _fresh(self, sender: Text, state: List[Event], events: List[Event]) -> DialogueStateTracker:
        tracker = self.init_tracker(sender)
        for event in [*state, *events]:
            tracker.update(event, self.domain)
        return tracker

    def _remember(self, sender: Text, newest: int, tracker: DialogueStateTracker) -> None:
        self._cache[sender] = (newest, tracker, len(tracker.events))
        self._cache.move_to_end(sender)
        while len(self._cache) > CACHED:
            self._cache.popitem(last=False)


def _slim(tracker: DialogueStateTracker, fresh: List[Event]) -> None:
    """Drop from a turn's events what no later turn reads, and what an answer of this turn has replaced."""
    for event in fresh:
        if isinstance(event, UserUttered):
            for name in OF_THE_TURN:
                event.parse_data.pop(name, None)  # type: ignore[misc]
            event.metadata.pop(MEMORY, None)
    remembering = [event for event in tracker.events if isinstance(event, BotUttered) and event.metadata.get(MEMORY)]
    for event in remembering[:-1]:
        event.metadata.pop(MEMORY)


def _state(tracker: DialogueStateTracker) -> Dict[Text, Any]:
    """Return the slots that are set and the active loop."""
    slots = {name: slot.value for name, slot in tracker.slots.items()
             if slot.value is not None and name != "session_started_metadata"}
    return {"slots": slots, "loop": tracker.active_loop_name}


def _restore(state: Optional[Dict[Text, Any]]) -> List[Event]:
    if not state:
        return []
    events: List[Event] = [SlotSet(name, value) for name, value in state["slots"].items()]
    return [*events, ActiveLoop(state["loop"])] if state["loop"] else events


def _wal(connection: Any, record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=20000"):
        connection.execute(f"PRAGMA {pragma}")
