"""Counters for Prometheus. Labels never hold a word, a number or a name of a patient."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from bot.records.measures import Measures

MESSAGES = Counter("bot_messages_in", "Messages received", ["channel"])
SCREENED = Counter("bot_screened", "Verdicts of the screen", ["tier"])
FAULTS = Counter("bot_faults", "A part was down while a message was answered", ["part"])
REFUSED = Counter("bot_refused", "Requests that were refused", ["channel", "reason"])
LATENCY = Histogram("bot_reply_seconds", "From a message's arrival to its reply", ["channel", "kind"],
                    buckets=(.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10))
DELIVERIES = Counter("bot_texts_delivered", "What carriers said of our texts, with their error code",
                     ["status", "code"])
RASA_FAILURES = Counter("bot_rasa_failures", "Messages that Rasa did not answer", ["reason"])
CONSENTS = Counter("bot_text_consents", "Opt-outs and opt-ins of phones", ["meaning", "source"])

# Read from the records, or asked of the parts, whenever Prometheus asks.
ALERTS_OPEN = Gauge("bot_alerts_open", "Alerts that nobody has acknowledged", ["priority"])
ALERT_OLDEST = Gauge("bot_alert_oldest_open_seconds", "How long the oldest of them has waited", ["priority"])
OUTBOX_WAITING = Gauge("bot_outbox_waiting", "What is due to be sent")
OUTBOX_OLDEST = Gauge("bot_outbox_oldest_seconds", "How long the oldest of it has been due")
OUTBOX_FAILED = Gauge("bot_outbox_failed", "What was given up after all tries, until it is purged")
WORKER_SEEN = Gauge("bot_worker_seen_seconds", "How long ago the worker gave a sign of life")
PART_READY = Gauge("bot_part_ready", "Whether a part is able to serve, as in /readyz", ["part"])


def show(found: Measures) -> None:
    """Put what the records say into the gauges."""
    for level, waiting in found.alerts.items():
        ALERTS_OPEN.labels(level).set(waiting.count)
        ALERT_OLDEST.labels(level).set(waiting.oldest)
    OUTBOX_WAITING.set(found.outbox.count)
    OUTBOX_OLDEST.set(found.outbox.oldest)
    OUTBOX_FAILED.set(found.given_up)
    if found.worker_silent is not None:
        WORKER_SEEN.set(found.worker_silent)


def reason_of(fault: str) -> str:
    """Return why Rasa did not answer, as one of few words."""
    if "imeout" in fault:
        return "time_out"
    if "Connect" in fault or fault == "NobodyThere":
        return "unreachable"
    return "error" if fault.startswith("status") else "other"
