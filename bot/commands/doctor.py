"""Check the installation and the clinic's settings; dials nothing and sends nothing."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bot.settings import ROOT, Settings, get_settings, read_yaml
from bot.sums import PARTS, AlteredFile, check_pin, is_whole


@dataclass(frozen=True)
class Finding:
    """One thing that is missing or expired; `level` is "error", "warning" or "note"."""

    level: str
    topic: str
    text: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--all", action="store_true", help="name every unsigned text, not only their number")


def run(args: argparse.Namespace) -> int:
    """Print the findings; returns 1 when one is an error."""
    found = findings()
    drafts = [finding for finding in found if finding.topic == "draft"]
    shown = found if args.all else [finding for finding in found if finding.topic != "draft"]
    if drafts and not args.all:
        shown.append(Finding("warning", "draft",
                             f"{len(drafts)} texts are not signed by a clinician (--all lists them)"))
    for finding in shown:
        print(f"{finding.level:8}{finding.topic:10}{finding.text}")
    errors = sum(finding.level == "error" for finding in found)
    print(f"{errors} errors, {sum(finding.level == 'warning' for finding in shown)} warnings")
    return 1 if errors else 0


def findings(today: date | None = None) -> list[Finding]:
    """Return everything that is missing, expired or unsigned."""
    settings = get_settings()
    day = today or datetime.now(settings.clinic.zone).date()
    return [*_models(settings.env.models), *_clinic(settings), *_content(settings, day)]


def _models(models: Path) -> list[Finding]:
    from bot.embedding import EmbeddingUnavailable, shared_embedder
    from bot.screening import is_fresh

    found = []
    try:
        shared_embedder()
    except (EmbeddingUnavailable, OSError) as error:
        found.append(Finding("error", "embedding", str(error)))
    for part in PARTS:
        if not is_whole(models / part):
            found.append(Finding("error", "model", f"{models / part}: missing, or not as training wrote it: "
                                                   "run `python -m bot train`"))
    try:
        check_pin(models, get_settings().env.models_sha256)
    except AlteredFile as error:
        found.append(Finding("error", "model", str(error)))
    if not is_fresh(ROOT / "data/screening", models / "screening"):
        found.append(Finding("warning", "model", "the screen's classifier is missing or older than its examples: "
                                                 "the lexicon works alone; run `python -m bot train`"))
    return found


def _clinic(settings: Settings) -> list[Finding]:
    clinic, env = settings.clinic, settings.env
    found = []
    if not (clinic.alerts.emails or clinic.alerts.phones or clinic.alerts.webhooks):
        found.append(Finding("warning", "alerts", "clinic.yml: alerts: nobody is told of a crisis outside the desk"))
    if clinic.on_call_phone is None:
        found.append(Finding("note", "alerts", "clinic.yml: on_call_phone: none; replies at night promise nobody"))
    if env.twilio_account_sid is None:
        found.append(Finding("warning", "sms", "environment: TWILIO_ACCOUNT_SID is not set: no text can be sent"))
    elif not env.twilio_account_sid.startswith("AC"):
        found.append(Finding("error", "sms", "environment: TWILIO_ACCOUNT_SID: expected an account's SID, AC…"))
    if env.twilio_account_sid and not env.is_public:
        found.append(Finding("error", "sms", "environment: PUBLIC_URL: Twilio cannot reach this machine's own address"))
    if env.public_url.endswith(("/sms/inbound", "/sms")):
        found.append(Finding("error", "sms", "environment: PUBLIC_URL: expected the address without /sms/inbound; "
                                             "Twilio's signatures would never fit"))
    if env.redis_url is None and max(env.processes.web, env.processes.rasa) > 1:
        found.append(Finding("warning", "redis", "environment: REDIS_URL is not set: several processes have only the "
                                                 "database to take turns by"))
    if env.email_url is None:
        found.append(Finding("note", "mail", "environment: EMAIL_URL is not set: mail is written to var/mail"))
    return found


def _content(settings: Settings, day: date) -> list[Finding]:
    from bot.embedding import shared_embedder
    from bot.knowledge import NOT_REVIEWED, load_knowledge
    from bot.screening.replies import load_replies
    from bot.screening.resources import load_resources, stale

    data = ROOT / "data"
    resources = load_resources(data / "screening/resources", settings.clinic.country)
    found = [Finding("error", "expired", line) for line in stale(resources, day)]
    replies = load_replies(data / "screening/replies", resources)
    found += [Finding("warning", "draft", f"reply {name}") for name in replies.unsigned()]
    for name, entry in read_yaml(data / "sms" / "texts.yml")["texts"].items():
        if not entry["signed_by"]:
            found.append(Finding("warning", "draft", f"text message {name}"))
        if entry["review_by"] < day:
            found.append(Finding("warning", "expired", f"text message {name}: to be reviewed"))
    for path in (data / "web" / "texts.yml", data / "dialogue" / "es.yml", ROOT / "bot" / "widget" / "lines.yml"):
        review = read_yaml(path)["review"]
        if not review["signed_by"]:
            found.append(Finding("warning", "draft", f"{path.relative_to(ROOT)}"))
        if review["review_by"] < day:
            found.append(Finding("warning", "expired", f"{path.relative_to(ROOT)}: to be reviewed"))
    knowledge = load_knowledge(data, settings.env.models / "knowledge", shared_embedder(),
                               settings.clinic.known_facts())
    for line in knowledge.waiting(day):
        topic = "draft" if line.endswith("not signed") else "waiting" if NOT_REVIEWED in line else "expired"
        found.append(Finding("warning", topic, line))
    return found
