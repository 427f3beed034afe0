"""The way of a message: record, screen, answer, record, send.

Nothing on the way to a crisis reply can be down: it needs the screen's lexicon and the reply
files, both read at the start. While the database fails or is slow, what is said waits in a file
of this machine (`bot/records/spool.py`).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from bot import logs
from bot.channels import decide, metrics, notices, unrecorded
from bot.channels.inbound import Abandoned, Erased, Inbound, Outcome
from bot.channels.rasa import Rasa, RasaUnavailable, Turn, pack_vector
from bot.channels.record_work import RecordWork
from bot.channels.text import clean
from bot.embedding import Embedder
from bot.records import rows, store
from bot.records.alerts import priority, raise_alert
from bot.records.models import Conversation, Message
from bot.records.store import Reply
from bot.records.texts import queue_replies
from bot.screening import Screen, Screening, Tier
from bot.screening.replies import Replies
from bot.settings import Clinic

log = logging.getLogger(__name__)
LEASE_WAIT = 10.0  # seconds that a message waits for the one before it
LEASE_POLL = 0.03
DUPLICATE_POLL = 0.1, 1.0  # seconds between looks for the answer to a message that came twice: at first, at most


@dataclass(frozen=True)
class Held:
    """A turn with Rasa: until when, and the messages that Rasa has not heard of yet."""

    until: datetime
    missed: list[Message]


# What the intake leaves to do: nothing more, a question for Rasa (with the turn, unless it has to be
# waited for), or waiting for the same message that is being answered already.
Step = Outcome | tuple[Message, decide.Decision, Held | None] | None


class Gateway(RecordWork):
    """Takes messages from every channel; one instance a process."""

    def __init__(self, screen: Screen, replies: Replies, rasa: Rasa, clinic: Clinic,
                 embedder: Embedder | None = None, rasa_timeout: float = 6.0,
                 clock: Callable[[], datetime] = timezone.now, threads: int = 3,
                 alone_since: datetime | None = None) -> None:
        super().__init__(screen, rasa_timeout, threads)
        self.replies, self.rasa, self.clinic, self.embedder, self._clock = replies, rasa, clinic, embedder, clock
        self._alone_since = alone_since  # when this process started, where no other one takes messages
        self._working: Counter[str] = Counter()  # messages that are worked on in this process
        self.models = ""  # what stands for the screen's model, where it came from a file

    async def receive(self, inbound: Inbound) -> Outcome:
        """Return what the patient is answered; never raises, never returns silence by fault."""
        inbound = replace(inbound, text=clean(inbound.text))
        self._working[inbound.dedup] += 1
        try:
            return await self._receive(inbound)
        finally:
            self._working[inbound.dedup] -= 1
            if not self._working[inbound.dedup]:
                del self._working[inbound.dedup]

    async def _receive(self, inbound: Inbound) -> Outcome:
        urgent, gone = self.is_urgent(inbound.text), threading.Event()
        try:
            step = await self.in_time(inbound.text, urgent, gone, self._intake, inbound, False, gone)
            if step is None:
                step = await self._same_again(inbound, urgent, gone)
        except (DatabaseError, OSError) as error:
            log.error("The records are down; answering without them: %s", type(error).__name__)
            return await self.answer_without_records(inbound, screening=getattr(error, "screening", None))
        if step is None:
            return await self.answer_without_records(inbound)
        if isinstance(step, Outcome):
            return step
        return await self._converse(inbound, *step)

    # -- in a thread -------------------------------------------------------------------------

    def _intake(self, inbound: Inbound, take_over: bool, gone: threading.Event) -> Step:
        """Record, screen, and answer what needs no Rasa. Otherwise say what is to be asked.

        None means that the same message came before and is being answered right now; with
        `take_over` it is worked on all the same, since whoever had it has gone. Danger is not
        left to anyone who may have gone.
        """
        if gone.is_set():
            raise Abandoned
        conversation = inbound.conversation
        if not rows.load(conversation) or conversation.erased_at is not None:
            raise Erased
        tapped = inbound.choice
        extra = {**inbound.extra, **({"choice": tapped["label"], "choice_send": tapped["send"]} if tapped else {}),
                 **({"request": logs.current()} if logs.current() else {})}
        message, new = store.record_inbound(
            conversation, inbound.dedup, inbound.client_id, inbound.text, extra)
        if not new and message.answered_at is not None:
            return Outcome(message, store.replies_to(message), new=False)
        if not new and not take_over and store.is_screened(message):
            return None
        # Rasa will need the message's embedding: computed with what the screen needs, off the event loop.
        screening = self.screen.read(inbound.text, store.earlier_texts(message), embed=inbound.choice is None)
        if new:
            metrics.MESSAGES.labels(conversation.channel).inc()
            metrics.SCREENED.labels(screening.tier.value).inc()
        with transaction.atomic():
            # Two messages at once must not read the same state and overwrite what the other made of it.
            rows.load(conversation, lock=True)
            if not new and store.is_answered(message):
                return Outcome(message, store.replies_to(message), new=False)
            if gone.is_set():
                raise Abandoned
            decision = decide.decide(
                conversation, inbound.text, screening, self.replies, self.clinic, self._clock())
            with_staff = conversation.owner_id is not None
            speaks = decision.reply is not None and (not with_staff or screening.tier >= Tier.CRISIS)
            if not new and not take_over and not speaks:
                return None
            store.record_verdict(message, screening.as_dict(inbound.text))
            if decision.changes:
                store.touch(conversation, **decision.changes)
            self._alert(conversation, message, screening)
            if decision.reply is not None and speaks:
                written = store.record_replies(message, conversation, [decision.reply], told_rasa=False)
                queue_replies(conversation, written)
                return Outcome(message, written)
            if with_staff:
                store.record_replies(message, conversation, [], told_rasa=True)
                store.touch(conversation, waiting=True)
                return Outcome(message, [], staff=True)
            # What has to wait takes no turn yet, so that it holds up nothing else.
            return message, decision, None if inbound.delay else self._take_turn(conversation, message)

    def _alert(self, conversation: Conversation, message: Message, screening: Screening) -> None:
        level = priority(screening.tier.value, screening.category.value, screening.subject.value)
        if level:
            raise_alert(self.clinic, conversation, message, level,
                        f"{screening.tier.value}.{screening.category.value}")

    def _finish(self, message: Message, conversation: Conversation, replies: list[Reply],
                fault: str | None, until: datetime | None, gone: threading.Event) -> list[Message]:
        """Record Rasa's replies, or the fallback with a flag for staff, and give the turn back."""
        with transaction.atomic():
            if gone.is_set() or not rows.load(conversation, lock=True) or conversation.erased_at is not None:
                raise Abandoned
            changes: dict[str, Any] = {}
            if until is not None and conversation.busy_until == until:
                changes["busy_until"] = None
            if store.is_answered(message):  # by another process, which thought that this one had gone
                store.touch(conversation, **changes)
                return store.replies_to(message)
            kinds = {reply.kind for reply in replies}
            if notices.due(conversation, self._clock()):
                replies = [notices.greeting(self.replies, conversation, self.clinic, self._clock()), *replies]
            # A turn that Rasa did not get is not told later: the dialogue goes on from before it.
            written = store.record_replies(message, conversation, replies, told_rasa=True)
            queue_replies(conversation, written)
            if any("K-FDA" in reply.extra.get("caveats", []) for reply in replies):
                changes["ketamine_answered"] = True
            if fault:
                metrics.FAULTS.labels("rasa").inc()
                metrics.RASA_FAILURES.labels(metrics.reason_of(fault)).inc()
                changes["waiting"] = True
                raise_alert(self.clinic, conversation, message, "P2", "assistant_down")
            if "handoff" in kinds:
                changes["waiting"] = True
                raise_alert(self.clinic, conversation, message, "P3", "person_asked")
            if "crisis" in kinds:  # the dialogue recognised what the screen did not
                raise_alert(self.clinic, conversation, message, "P2", "dialogue.crisis")
            store.touch(conversation, **changes)
        return written

    async def _same_again(self, inbound: Inbound, urgent: bool, gone: threading.Event) -> Step:
        """Wait for the answer to a message that came twice; after a while, work on it anew."""
        if self._alone_since is None or self._working[inbound.dedup] > 1:
            # When a process dies, everything that it was at comes again at once: each look has to be a small one.
            clock, (pause, most) = asyncio.get_running_loop().time, DUPLICATE_POLL
            until = clock() + self.timeout + 2
            while clock() < until:
                await asyncio.sleep(pause)
                pause = min(2 * pause, most)
                message = await self.in_time(inbound.text, urgent, gone, store.answered, inbound.dedup)
                if message is not None:
                    return Outcome(message, await self.in_thread(store.replies_to, message), new=False)
        return await self.in_time(inbound.text, urgent, gone, self._intake, inbound, True, gone)

    # -- with Rasa ---------------------------------------------------------------------------

    async def _converse(self, inbound: Inbound, message: Message, decision: decide.Decision,
                        held: Held | None) -> Outcome:
        conversation = inbound.conversation
        fault: str | None = None
        replies: list[Reply] = []
        try:
            if inbound.delay:
                await asyncio.sleep(inbound.delay)
            if held is None:
                held = await self._wait_for_turn(conversation, message)
            if held is None:  # another process has answered it meanwhile
                return Outcome(message, await self.in_thread(store.replies_to, message), new=False)
            await self._catch_up(conversation, held.missed)
            raw = await self.rasa.ask(self._turn(inbound, decision), self.timeout)
            replies = [decide.reply_of(item) for item in raw if item.get("text")]
            if not replies:
                raise RasaUnavailable("an empty answer")
        except (RasaUnavailable, DatabaseError) as error:
            fault = str(error)
            log.error("No answer from Rasa: %s", fault)
        if fault:
            replies = [decide.fallback_reply(self.replies, conversation, self.clinic, self._clock())]
        elif decision.addition is not None and not any(reply.extra.get("resources") for reply in replies):
            replies = [*replies, decision.addition]
        gone = threading.Event()
        try:
            written = await self.in_time(inbound.text, False, gone, self._finish, message, conversation, replies, fault,
                                         held.until if held else None, gone)
        except Abandoned:
            return Outcome(message, [])  # erased while it was answered
        except (DatabaseError, OSError) as error:
            log.error("The records went down before the reply was written: %s", type(error).__name__)
            return await self.answer_without_records(inbound, replies)
        return Outcome(message, written)

    def _turn(self, inbound: Inbound, decision: decide.Decision) -> Turn:
        conversation = inbound.conversation
        metadata: dict[str, Any] = {
            "tier": decision.tier, "category": decision.category, "channel": conversation.channel,
            "conversation": conversation.pk, "first_answer": not conversation.ketamine_answered,
            "language": conversation.language, "request": logs.current(),
        }
        if inbound.choice and inbound.choice["send"].startswith("/"):
            return Turn(conversation.case, inbound.text, inbound.choice["send"][1:], metadata)
        if self.embedder is not None:
            metadata["vector"] = pack_vector(self.embedder.encode([inbound.text])[0])
        return Turn(conversation.case, inbound.text, None, metadata)

    def _take_turn(self, conversation: Conversation, message: Message) -> Held | None:
        until = timezone.now() + timedelta(seconds=2 * self.timeout + 2)
        if not store.try_lease(conversation.pk, message.pk, until, self._alone_since):
            return None
        return Held(until, store.untold(conversation.pk, message.pk))

    async def _wait_for_turn(self, conversation: Conversation, message: Message) -> Held | None:
        deadline = asyncio.get_running_loop().time() + LEASE_WAIT
        while asyncio.get_running_loop().time() < deadline:
            held = await self.in_thread(self._take_turn, conversation, message)
            if held is not None or await self.in_thread(store.is_answered, message):
                return held
            await asyncio.sleep(LEASE_POLL)
        raise RasaUnavailable("the message before it is still being answered")

    async def _catch_up(self, conversation: Conversation, missed: list[Message]) -> None:
        """Tell Rasa of the crisis turns it has not heard of, so that no form goes on over them."""
        for earlier in missed:
            await self.rasa.ask(_crisis_turn(conversation, earlier), self.timeout)
        if missed:
            await self.in_thread(store.mark_told, missed)

    # -- when the database is down -----------------------------------------------------------

    async def answer_without_records(self, inbound: Inbound, replies: list[Reply] | None = None,
                                     phone: str | None = None, screening: Screening | None = None) -> Outcome:
        """Keep a message on this machine's disk and return its answer: what the screen alone says, or the fallback."""
        metrics.FAULTS.labels("records").inc()
        screening = screening or await self.screened(inbound.text)
        decision = decide.decide(Conversation(channel=inbound.conversation.channel), inbound.text, screening,
                                 self.replies, self.clinic, self._clock())
        if not replies:
            replies = [decision.reply if decision.reply and screening.tier >= Tier.CHECK_IN else
                       decide.fallback_reply(self.replies, inbound.conversation, self.clinic, self._clock())]
        kept = await asyncio.to_thread(unrecorded.keep, inbound, screening, decision, replies, phone, self._clock())
        return Outcome(None, unrecorded.as_messages(inbound, replies), kept=kept)


def _crisis_turn(conversation: Conversation, message: Message) -> Turn:
    verdict = getattr(message, "verdict", None)
    metadata = {"tier": verdict.tier, "category": verdict.category} if verdict else {"tier": "crisis"}
    metadata["request"] = logs.current()
    return Turn(conversation.case, message.text, "crisis", metadata)
