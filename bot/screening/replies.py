"""What is said when someone may be in danger: fixed, reviewed texts, chosen and filled in here.

A reply must come out whatever happens. A text that cannot be made falls back to the bare lines of
the country, and those to `STATIC_CRISIS_TEXT`, which needs no file at all.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Mapping

from bot.gsm7 import fold, is_gsm7, segments
from bot.screening.reply_book import INLINE, QUESTIONS, Book, Entry, Keyword, read_book, read_keywords
from bot.screening.reply_routes import GENERAL, reply_key
from bot.screening.resources import PHRASES, Resource, Resources

STATIC_CRISIS_TEXT = (
    "I'm an automated assistant and can't send help. In danger, hurt or very sick? Call 911 now. "
    "You can also call or text 988 any time, free. "
    "Outside the US, call your local emergency number or see findahelpline.com."
)
MAX_SEGMENTS = 2
DEFAULT_LANGUAGE = "en"
KEYWORD_FILE = "sms_keywords.yml"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReplyContext:
    """What is true of the clinic at this moment; `opens` reads like "Monday at 9:00 am"."""

    clinic: str
    phone: str
    on_call_phone: str | None
    country: str
    open_now: bool
    opens: str | None


@dataclass(frozen=True)
class CrisisReply:
    """A finished reply; `asks_directly` when it holds the direct question, so that a yes can be read."""

    key: str
    text: str
    resources: tuple[Resource, ...]
    asks_directly: bool


@dataclass(frozen=True)
class Replies:
    """All fixed replies in all languages, over the crisis lines of one country."""

    books: Mapping[str, Book]
    keywords: Mapping[str, Keyword]
    resources: Resources

    def crisis(
        self,
        *,
        tier: str,
        category: str,
        subject: str,
        language: str,
        channel: str,
        context: ReplyContext,
        turn: int = 0,
    ) -> CrisisReply:
        """Return the reply to a verdict; `turn` counts the crisis replies given before. Never fails."""
        key = reply_key(_plain(tier), _plain(category), _plain(subject))
        return self._reply(key, language, channel, context, turn, minor=_plain(subject) == "minor")

    def move(
        self,
        move: str,
        *,
        language: str,
        channel: str,
        context: ReplyContext,
        turn: int = 0,
        reply_name: str = "",
    ) -> CrisisReply:
        """Return the reply to a turn of the dialogue ("no_secrecy"), or `reply_name` where it names one."""
        return self._reply(reply_name or move, language, channel, context, turn)

    def fallback(self, *, language: str, channel: str, context: ReplyContext, turn: int = 0) -> CrisisReply:
        """Return what is said when the assistant cannot answer: where to turn, with the emergency line."""
        return self._reply("fallback", language, channel, context, turn)

    def notice(
        self, *, language: str, channel: str, context: ReplyContext, again: bool = False
    ) -> CrisisReply:
        """Return the first turn's notice (AI, not watched, saved, emergency lines), or its reminder."""
        return self._reply("notice_again" if again else "notice", language, channel, context, 0)

    def sms_keyword(self, name: str, *, language: str, context: ReplyContext) -> CrisisReply:
        """Return the reply to HELP, STOP or START (any case), or the HELP reply for any other name."""
        keyword = self.keywords.get(name.lower(), self.keywords["help"])
        book = self._book(language)
        text = keyword.texts.get(book.language, keyword.texts[DEFAULT_LANGUAGE])
        lines = self.resources.at(context.country)
        finished = fold(_tidy(text.format_map(_values(book, lines, context))))
        return CrisisReply(f"sms_{keyword.name}", finished, lines.bar(book.language), False)

    def sms_words(self) -> dict[str, tuple[str, ...]]:
        """Return the words that count as each SMS keyword, in capitals."""
        return {name: keyword.words for name, keyword in self.keywords.items()}

    def unsigned(self) -> list[str]:
        """Return what no clinician has signed: replies as "en.suicide", a country's lines as "lines.us"."""
        entries = [
            f"{book.language}.{entry.key}"
            for book in self.books.values()
            for entry in book.entries.values()
            if not entry.signed_by
        ]
        entries += [f"sms.{word.name}" for word in self.keywords.values() if not word.signed_by]
        return entries if self.resources.signed_by else [*entries, f"lines.{self.resources.country.lower()}"]

    def expired(self, today: date) -> list[str]:
        """Return what is past its review date, named as in `unsigned`."""
        entries = [
            f"{book.language}.{entry.key}"
            for book in self.books.values()
            for entry in book.entries.values()
            if entry.review_by < today
        ]
        entries += [f"sms.{word.name}" for word in self.keywords.values() if word.review_by < today]
        current = self.resources.review_by >= today
        return entries if current else [*entries, f"lines.{self.resources.country.lower()}"]

    @cached_property
    def draft_until_signed(self) -> bool:
        """Whether any reply is still a draft."""
        return bool(self.unsigned())

    def _reply(
        self, key: str, language: str, channel: str, context: ReplyContext, turn: int, minor: bool = False
    ) -> CrisisReply:
        book = self._book(language)
        entry = book.entries.get(key) or book.entries[GENERAL]
        try:
            return self._compose(book, entry, channel, context, turn, minor)
        except Exception as fault:  # a fault in a text or in the clinic's settings must not cost the reply
            logger.error("reply %s could not be composed: %s", entry.key, type(fault).__name__)
            return _bare(entry.key, self.resources, book.language)

    def _compose(
        self, book: Book, entry: Entry, channel: str, context: ReplyContext, turn: int, minor: bool
    ) -> CrisisReply:
        channel = "sms" if channel == "sms" else "web"
        wordings = entry.wordings[channel]
        template = wordings[turn % len(wordings)]
        lines = self.resources.at(context.country)
        values = _values(book, lines, context)
        if minor:
            values["offer"] = ""  # nobody asks a child for a phone number
        base = _tidy(template.format_map(values))
        child_line = book.lines[f"minor_{channel}"] if minor and entry.minor_line else ""
        tail = _situation(book, f"tail_{channel}", context) if entry.tail else ""
        short = _situation(book, "tail_short", context) if entry.tail else ""
        text = _join(base, child_line, tail) if channel == "web" else _fit(base, child_line, tail, short)
        if not text:
            return _bare(entry.key, lines, book.language)
        asks = any(question in template for question in QUESTIONS)
        return CrisisReply(entry.key, text, _buttons(entry, lines, book.language), asks)

    def _book(self, language: str) -> Book:
        return self.books.get(str(language)[:2].lower(), self.books[DEFAULT_LANGUAGE])


def load_replies(directory: Path | str, resources: Resources) -> Replies:
    """Read all reply files of a folder; raises ValueError that names the file and the fault."""
    folder = Path(directory)
    books = {path.stem: read_book(path) for path in sorted(folder.glob("*.yml")) if len(path.stem) == 2}
    if DEFAULT_LANGUAGE not in books:
        raise ValueError(f"{folder}: {DEFAULT_LANGUAGE}.yml is missing")
    wanted = set(books[DEFAULT_LANGUAGE].entries)
    if GENERAL not in wanted:
        raise ValueError(f"{folder / (DEFAULT_LANGUAGE + '.yml')}: the reply {GENERAL!r} is missing")
    for language, book in books.items():
        if missing := wanted ^ set(book.entries):
            raise ValueError(f"{folder / (language + '.yml')}: replies differ: {', '.join(sorted(missing))}")
    return Replies(books, read_keywords(folder / KEYWORD_FILE), resources)


def _plain(value: object) -> str:
    """Return the string of a verdict's part, be it a string or a member of an enumeration."""
    return str(getattr(value, "value", value))


def _bare(key: str, lines: Resources, language: str) -> CrisisReply:
    bar = lines.bar(language)
    text = ". ".join(resource.text for resource in bar[:2]) + "."
    return CrisisReply(key, fold(text), bar, False)


def _buttons(entry: Entry, lines: Resources, language: str) -> tuple[Resource, ...]:
    """Return the reply's buttons; a line that the country lacks gives way to its crisis line."""
    found: dict[str, Resource] = {}
    for role in entry.resources:
        resource = lines.for_role(role, language) or lines.for_role("lifeline", language)
        if resource:
            found[resource.id] = resource
    return tuple(found.values())


def _values(book: Book, lines: Resources, context: ReplyContext) -> dict[str, str]:
    """Return what may stand in braces; phrases also with a capital, for the start of a sentence."""
    phrases = {name: lines.phrase(name, book.language) for name in PHRASES}
    capitals = {name.capitalize(): phrase[:1].upper() + phrase[1:] for name, phrase in phrases.items()}
    inline = {name: _situation(book, name, context) for name in INLINE}
    clinic = {"clinic": context.clinic, "phone": context.phone}
    return {**phrases, **capitals, **book.lines, **inline, **clinic}


def _situation(book: Book, name: str, context: ReplyContext) -> str:
    """Return the line that is true at this hour: open, closed with someone on call, or closed."""
    hour = "open" if context.open_now else "on_call" if context.on_call_phone else "closed"
    opens = " ".join(book.opens_words.get(word, word) for word in (context.opens or "").split())
    return book.situations[name][hour].format(
        clinic=context.clinic,
        phone=context.phone,
        on_call=context.on_call_phone,
        opens=opens,
        closed_line=book.closed_until.format(opens=opens) if opens else book.closed_now,
    )


def _fit(base: str, child_line: str, tail: str, short: str) -> str:
    """Return what two GSM-7 segments hold, the reply itself before anything else; "" if not even that."""
    for extra in ((child_line, tail), (child_line, short), (tail,), (short,), ()):
        text = fold(_join(base, *extra))
        if is_gsm7(text) and segments(text) <= MAX_SEGMENTS:
            return text
    return ""


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _tidy(text: str) -> str:
    return re.sub(r" {2,}", " ", text).strip()
