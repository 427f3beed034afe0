"""What the reader of the queue wants to see, and the conversations that fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from bot.desk.models import Label, Review
from bot.records.models import Alert, Channel, Conversation, Message, Tier
from bot.records.search import conversations_with

CATEGORIES = ("suicide", "self_harm", "medical", "overdose", "violence", "abuse", "psychosis", "substance",
              "adverse_effect", "distress")
KINDS = ("answer", "abstain", "refer", "refuse", "clinic", "booking", "handoff", "privacy", "bot_challenge",
         "small_talk", "out_of_scope", "crisis", "fallback")
LANGUAGES = ("en", "es")
ANSWERS = (("unanswered", _("waits for an answer")), ("answered", _("answered")))
FOUND = 300       # conversations that a search shows at most
LOOKED_AT = 1000  # messages that a search looks at


@dataclass(frozen=True)
class Filters:
    """One view of the queue; an empty value leaves nothing out."""

    tier: str = ""
    category: str = ""
    channel: str = ""
    kind: str = ""
    answer: str = ""
    language: str = ""
    staff: str = ""
    label: str = ""
    since: str = ""
    until: str = ""
    unreviewed: bool = False
    words: str = ""
    page: int = 1

    @property
    def query(self) -> str:
        """Return the view as part of an address; searched words are never part of one."""
        return urlencode(self.pairs)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the view's names and values."""
        chosen = [(field.name, getattr(self, field.name)) for field in fields(self)
                  if field.name not in ("words", "page")]
        return [(name, "1" if value is True else value) for name, value in chosen if value]

    @property
    def narrowed(self) -> bool:
        """Return whether anything is left out."""
        return bool(self.query or self.words)

    @property
    def more(self) -> bool:
        """Return whether one of the filters is set that the page folds away."""
        return any((self.category, self.kind, self.language, self.staff, self.label, self.since, self.until,
                    self.unreviewed))


def read_filters(query: Mapping[str, str], words: str = "") -> Filters:
    """Return the filters of a request; anything unknown is ignored."""
    def one_of(name: str, known: Any) -> str:
        return query.get(name, "") if query.get(name, "") in known else ""

    page, staff = query.get("page", "1"), query.get("staff", "")
    answer = one_of("answer", dict(ANSWERS)) or ("unanswered" if query.get("unanswered") == "1" else "")
    return Filters(
        tier=one_of("tier", Tier.values), category=one_of("category", CATEGORIES),
        channel=one_of("channel", Channel.values), kind=one_of("kind", KINDS), answer=answer,
        language=one_of("language", LANGUAGES), staff=staff if _is_number(staff) else "",
        label=query.get("label", "").strip()[:30], since=_day(query.get("since", "")),
        until=_day(query.get("until", "")), unreviewed=query.get("unreviewed") == "1", words=words.strip()[:100],
        page=min(int(page), 10_000) if _is_number(page) and page != "0" else 1)


def apply(filters: Filters) -> QuerySet[Conversation]:
    """Return the conversations that fit, in no order."""
    found = Conversation.objects.filter(**{
        name: value for name in ("tier", "category", "channel", "language") if (value := getattr(filters, name))})
    own = {"conversation": OuterRef("pk")}
    if filters.kind:
        found = found.filter(Exists(Message.objects.filter(**own, sender="bot", kind=filters.kind)))
    if filters.answer:
        waits = Q(waiting=True) | Q(pk__in=unanswered().values("conversation"))
        found = found.filter(waits) if filters.answer == "unanswered" else found.exclude(waits)
    if filters.staff:
        # Few conversations have a person's hand in them: they are collected, not looked for in each.
        wrote = Message.objects.filter(staff=int(filters.staff)).values("conversation")
        assigned = Alert.objects.filter(assigned_to=int(filters.staff)).values("conversation")
        found = found.filter(Q(owner=int(filters.staff)) | Q(pk__in=wrote) | Q(pk__in=assigned))
    if filters.label:
        found = found.filter(Exists(Label.objects.filter(**own, name=filters.label)))
    if filters.unreviewed:
        found = found.exclude(Exists(Review.objects.filter(message__conversation=OuterRef("pk"))))
    if filters.since:
        found = found.filter(updated_at__gte=_start(filters.since))
    if filters.until:
        found = found.filter(updated_at__lt=_start(filters.until) + timedelta(days=1))
    return found.filter(pk__in=_search(filters.words)) if filters.words else found


def unanswered() -> QuerySet[Message]:
    """Return the patients' messages that have no answer yet."""
    return Message.objects.filter(sender=Message.Sender.PATIENT, answered_at=None)


def _search(words: str) -> list[int]:
    """Return the conversation of a case number, or else those in which the words were said."""
    keys = Conversation.objects.values_list("pk", flat=True)
    if exact := list(keys.filter(case=words.upper())):
        return exact
    by_case = list(keys.filter(case__startswith=words.upper())[:FOUND]) if len(words) > 1 else []
    return list(dict.fromkeys([*by_case, *conversations_with(words, LOOKED_AT)]))[:FOUND]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _day(text: str) -> str:
    """Return a day as it was given, or nothing when it is none."""
    try:
        return text if parse_date(text) else ""
    except ValueError:
        return ""


def _start(text: str) -> datetime:
    return timezone.make_aware(datetime.combine(date.fromisoformat(text), time.min))
