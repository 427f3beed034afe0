"""Counters for Prometheus. Labels never hold a word, a number or a name of a patient."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

MESSAGES = Counter("bot_messages_in", "Messages received", ["channel"])
SCREENED = Counter("bot_screened", "Verdicts of the screen", ["tier"])
FAULTS = Counter("bot_faults", "A part was down while a message was answered", ["part"])
REFUSED = Counter("bot_refused", "Requests that were refused", ["channel", "reason"])
LATENCY = Histogram("bot_reply_seconds", "From a message's arrival to its reply", ["channel", "kind"],
                    buckets=(.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10))
DELIVERIES = Counter("bot_texts_delivered", "What carriers said of our texts, with their error code",
                     ["status", "code"])
CONSENTS = Counter("bot_text_consents", "Opt-outs and opt-ins of phones", ["meaning", "source"])
