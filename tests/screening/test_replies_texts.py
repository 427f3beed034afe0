"""Rules that every fixed text keeps, in every language, country, channel, hour and wording."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from pathlib import Path

import pytest
import textstat

from bot.gsm7 import fold, is_gsm7, segments
from bot.screening.replies import Replies, ReplyContext, load_replies
from bot.screening.resources import load_resources

DATA = Path(__file__).parents[2] / "data" / "screening"
COUNTRIES = ["US", "CA", "GB", "IE", "AU", "NZ", "INT"]
LANGUAGES = ["en", "es"]
OPENS = {"en": "Wednesday, November 25 at 10:00 am", "es": "el miércoles 25 de noviembre a las 10:00"}
SUBJECTS = ["self", "other", "minor"]
NOTICES = {"notice", "notice_again"}
QUIET = {*NOTICES, "info_line", "acknowledge_fine"}  # said in the middle of ordinary talk, at any hour
EMERGENCIES = [
    "suicide",
    "self_harm",
    "medical",
    "overdose",
    "overdose.unresponsive",
    "violence",
    "abuse",
    "psychosis",
    "substance",
    "adverse_effect",
    "distress",
    "none",
]

FORBIDDEN = re.compile(
    r"commit|(failed|successful) attempt|cry for help|so much to live for|understand exactly|promise me"
    r"|calm down|are you sure|you're not thinking|your family would|selfish|so strong|diagnos|statistic"
    r"|lethal|overreact|everything happens|cheer up|just relax|book now|discount"
    r"|cometer|intento fallido|tanto por qu[eé] vivir|c[aá]lmate|prom[eé]teme|s[eé] exactamente c[oó]mo"
    r"|segur[oa] de que|qu[eé] ego[ií]sta|!|¡",
    re.IGNORECASE,
)
PLAN_OR_MEANS = re.compile(
    r"\b(do you have a plan|how would you|what would you use|have you got (pills|a gun)|how many"
    r"|when will you|tienes un plan|c[oó]mo lo har[ií]as|qu[eé] usar[ií]as|cu[aá]ntas)\b",
    re.IGNORECASE,
)
DIRECT = re.compile(
    r"thinking about (suicide|killing yourself)\?|those thoughts now\?"
    r"|pensando en (el suicidio|quitarte la vida)\?|esos pensamientos ahora\?"
)
PROMISE = re.compile(
    r"someone from the clinic to call|alguien de la clínica te llame|get our team to help", re.IGNORECASE
)
EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
SERVICES = [
    "911",
    "988",
    "741741",
    "1-800-222-1222",
    "1-800-799-7233",
    "1-800-656-4673",
    "1-800-422-4453",
    "1-800-662-4357",
    "555-010-0199",
    "555-010-0123",
]


@dataclass(frozen=True)
class Said:
    """One finished text and how it came about."""

    country: str
    language: str
    key: str
    channel: str
    turn: int
    hour: str
    text: str


@lru_cache
def _replies(country: str) -> Replies:
    return load_replies(DATA / "replies", load_resources(DATA / "resources", country))


def _context(country: str, language: str, hour: str) -> ReplyContext:
    on_call = "555-010-0123" if hour == "on_call" else None
    return ReplyContext("Harbor Clinic", "555-010-0199", on_call, country, hour == "open", OPENS[language])


@lru_cache
def _all_texts(country: str, language: str) -> tuple[Said, ...]:
    replies, found = _replies(country), []
    for key, entry in replies.books[language].entries.items():
        for channel, hour in product(("web", "sms"), ("open", "on_call", "closed")):
            for turn in range(len(entry.wordings[channel])):
                reply = replies.move(
                    key,
                    language=language,
                    channel=channel,
                    turn=turn,
                    context=_context(country, language, hour),
                )
                assert reply.key == key
                found.append(Said(country, language, key, channel, turn, hour, reply.text))
    return tuple(found)


everywhere = pytest.mark.parametrize(("country", "language"), list(product(COUNTRIES, LANGUAGES)))


@everywhere
def test_no_forbidden_word_no_exclamation_no_emoji(country: str, language: str) -> None:
    wrong = [
        said
        for said in _all_texts(country, language)
        if FORBIDDEN.search(said.text) or EMOJI.search(said.text)
    ]
    assert not wrong


@everywhere
def test_no_placeholder_is_left_and_no_space_is_doubled(country: str, language: str) -> None:
    assert not [
        said
        for said in _all_texts(country, language)
        if re.search(r"[{}]|  | [.,]|\bNone\b(?! of)", said.text)
    ]


@everywhere
def test_at_most_one_direct_question_and_never_plan_or_means(country: str, language: str) -> None:
    for said in _all_texts(country, language):
        assert len(DIRECT.findall(said.text)) <= 1, said
        assert said.text.count("?") <= 2, said
        assert not PLAN_OR_MEANS.search(said.text), said


@everywhere
def test_the_direct_question_is_marked(country: str, language: str) -> None:
    replies = _replies(country)
    for said in _all_texts(country, language):
        reply = replies.move(
            said.key,
            language=language,
            channel=said.channel,
            turn=said.turn,
            context=_context(country, language, said.hour),
        )
        expected = bool(
            re.search(DIRECT.pattern if said.channel == "web" else fold(DIRECT.pattern), said.text)
        )
        assert reply.asks_directly is expected, said


@everywhere
def test_a_text_message_takes_two_plain_segments_at_most(country: str, language: str) -> None:
    for said in _all_texts(country, language):
        if said.channel == "sms":
            assert is_gsm7(said.text), said
            assert segments(said.text) <= 2, said


@everywhere
def test_after_hours_the_truth_is_told_and_nobody_is_promised(country: str, language: str) -> None:
    for said in _all_texts(country, language):
        if said.hour == "open" or said.key in QUIET:
            continue
        assert re.search(r"clinic is closed|cl[ií]nica est[aá] cerrada", said.text), said
        assert not PROMISE.search(said.text), said
        if said.hour == "closed":
            assert re.search(
                r"no on-call line|[Nn]o one is on call|línea de guardia|No hay guardia|sin guardia", said.text
            ), said


@everywhere
def test_in_opening_hours_nothing_says_closed(country: str, language: str) -> None:
    assert not [
        said
        for said in _all_texts(country, language)
        if said.hour == "open"
        and re.search(r"closed|cerrada|cuando abra|when (it|the clinic) opens", said.text)
    ]


@everywhere
def test_every_reply_to_danger_says_where_help_is(country: str, language: str) -> None:
    resources = _replies(country).resources
    names = [
        fold(resources.phrase(name, language)).lower() for name in ("emergency", "lifeline", "lifeline_name")
    ]
    for said in _all_texts(country, language):
        assert any(name in fold(said.text).lower() for name in names), said


@everywhere
def test_in_an_emergency_the_emergency_line_comes_first(country: str, language: str) -> None:
    replies, context = _replies(country), _context(country, language, "open")
    number = fold(replies.resources.phrase("emergency", language)).lower()
    others = [
        fold(replies.resources.phrase(name, language)).lower() for name in ("lifeline", "abuse", "poison")
    ]
    for category, subject, channel, turn in product(EMERGENCIES, SUBJECTS, ("web", "sms"), range(3)):
        reply = replies.crisis(
            tier="emergency",
            category=category,
            subject=subject,
            language=language,
            channel=channel,
            context=context,
            turn=turn,
        )
        text = fold(reply.text).lower()
        place = text.find(number)
        assert place >= 0, reply
        assert len(re.findall(r"[.?](?= )", text[:place])) <= 2, reply  # in the third sentence at the latest
        assert all(text.find(other) == -1 or place < text.find(other) for other in others), reply
        assert reply.resources[0].id == replies.resources.roles["emergency"], reply


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_most_three_services_in_a_bubble(language: str) -> None:
    for said in _all_texts("US", language):
        named = [service for service in SERVICES if service in said.text]
        assert len(named) <= 3, (named, said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("country", ["GB", "IE", "AU", "NZ", "INT"])
def test_abroad_no_american_number_is_printed(country: str, language: str) -> None:
    for said in _all_texts(country, language):
        assert not re.search(r"\b(911|988|741741|88788)\b|1-800", said.text), said


def test_canada_has_988_but_no_american_service() -> None:
    assert not [said for said in _all_texts("CA", "en") if re.search(r"741741|88788|1-800", said.text)]


def _without_numbers(text: str) -> str:
    """Reading formulas take a phone number for a word of ten syllables; people don't."""
    return re.sub(r"\(?\d[\d\-() ]*\d|24/7|\d+", "", text)


def test_english_reads_at_grade_six_or_easier() -> None:
    too_hard = [
        (grade, said)
        for said in _all_texts("US", "en")
        if (grade := textstat.flesch_kincaid_grade(_without_numbers(said.text))) > 6
    ]
    assert not too_hard


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_block_is_never_pasted_twice_in_a_row(language: str) -> None:
    replies = _replies("US")
    for hour, channel in product(("open", "closed"), ("web", "sms")):
        context = _context("US", language, hour)
        keys = [key for key in replies.books[language].entries if key not in NOTICES]
        texts = [
            {
                replies.move(key, language=language, channel=channel, context=context, turn=turn).text: key
                for key in keys
            }
            for turn in range(13)
        ]
        for now, then in pairwise(texts):
            assert not now.keys() & then.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_wordings_that_differ(language: str) -> None:
    for key, entry in _replies("US").books[language].entries.items():
        for channel, wordings in entry.wordings.items():
            assert len(set(wordings)) == len(wordings), (key, channel)
            assert len(wordings) >= 3 or key in NOTICES, (key, channel)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_asked_to_text_a_word_that_opts_out(language: str) -> None:
    for said in _all_texts("US", language):
        words = re.findall(r"(?:text|send|reply|env[ií]a|escribe|responde)\s+\"?([A-Z]{2,})\b", said.text)
        assert not set(words) & set(_replies("US").sms_words()["stop"]), said


def test_ketamine_is_named_only_to_say_that_it_is_not_emergency_care() -> None:
    for language in LANGUAGES:
        for said in _all_texts("US", language):
            if re.search("[ck]etamin", said.text, re.IGNORECASE):
                assert said.key == "ketamine_question"
                assert re.search(r"not emergency care|no es atenci[oó]n de emergencia", said.text), said


@pytest.mark.parametrize(
    ("country", "language", "name"), list(product(COUNTRIES, LANGUAGES, ["help", "stop", "start"]))
)
def test_keyword_replies_fit_and_carry_the_emergency_lines(country: str, language: str, name: str) -> None:
    text = (
        _replies(country)
        .sms_keyword(name, language=language, context=_context(country, language, "open"))
        .text
    )
    resources = _replies(country).resources
    assert is_gsm7(text)
    assert segments(text) <= 2
    assert fold(resources.phrase("emergency", language)) in text
    assert fold(resources.phrase("lifeline", language)) in text
    assert not re.search("ketamin", text, re.IGNORECASE)
