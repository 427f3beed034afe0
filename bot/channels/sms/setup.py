"""What has to be pasted into Twilio's console, made from this clinic's own settings and reviewed texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from twilio.twiml.messaging_response import MessagingResponse

from bot.channels.decide import context
from bot.channels.sms.keywords import SPANISH
from bot.channels.sms.wording import LANGUAGES, say
from bot.screening.replies import Replies, ReplyContext
from bot.settings import Clinic, Settings

KEYWORDS = ("STOP", "START", "HELP")
LANGUAGE_NAMES = {"en": "English", "es": "Spanish"}


def keyword_context(clinic: Clinic, now: datetime) -> ReplyContext:
    """Return what keyword replies need to know; the name in them is the one that others may see on a phone."""
    return replace(context(clinic, now), clinic=clinic.neutral_name)


def opt_out_texts(replies: Replies, clinic: Clinic, now: datetime, language: str = "en") -> dict[str, str]:
    """Return the texts for Twilio's Advanced Opt-Out, by keyword."""
    around = keyword_context(clinic, now)
    return {word: replies.sms_keyword(word, language=language, context=around).text for word in KEYWORDS}


def fallback_twiml(replies: Replies, clinic: Clinic) -> str:
    """Return the TwiML for Twilio's fallback address: the emergency lines and the clinic's phone, without us."""
    twiml = MessagingResponse()
    for language in LANGUAGES:
        if language in clinic.languages:
            twiml.message(say("fallback", language, replies, clinic))
    return str(twiml)


def setup_sheet(settings: Settings, replies: Replies, now: datetime) -> str:
    """Return what goes where in Twilio's console, ready to be copied."""
    clinic, base = settings.clinic, settings.env.public_url
    lines = ["Messaging > Services > Integration > Incoming Messages",
             f"  Send a webhook, Request URL    {base}/sms/inbound    HTTP POST",
             "  Fallback URL                   the TwiML Bin with the text of `python -m bot sms fallback`",
             "  Delivery status callback       leave empty: each text brings its own", ""]
    for language in LANGUAGES:
        if language not in clinic.languages:
            continue
        lines.append(f"Messaging > Services > Opt-Out Management > Advanced Opt-Out, {LANGUAGE_NAMES[language]}")
        for word, text in opt_out_texts(replies, clinic, now, language).items():
            words = ", ".join(_words(replies, word, language))
            lines += [f"  {word} keywords   {words}", f"  {word} reply      {text}", ""]
    return "\n".join(lines)


def _words(replies: Replies, word: str, language: str) -> list[str]:
    """Return a language's words for a keyword. YES is left out: it is an answer to the direct question."""
    known = [each for each in replies.sms_words()[word.lower()] if each != "YES"]
    return [each for each in known if (each in SPANISH) == (language == "es")] or [word]
