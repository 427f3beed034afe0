"""Rules that every fixed text keeps about danger: what it must say, and what it must never say."""

import re
from itertools import product

from bot.gsm7 import fold, is_gsm7, segments
from tests.screening.every_text import NOTICES, all_texts, context_of, everywhere, replies_of

SUBJECTS = ["self", "other", "minor"]
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


@everywhere
def test_no_forbidden_word_no_exclamation_no_emoji(country: str, language: str) -> None:
    wrong = [
        said
        for said in all_texts(country, language)
        if FORBIDDEN.search(said.text) or EMOJI.search(said.text)
    ]
    assert not wrong


@everywhere
def test_no_placeholder_is_left_and_no_space_is_doubled(country: str, language: str) -> None:
    assert not [
        said
        for said in all_texts(country, language)
        if re.search(r"[{}]|  | [.,]|\bNone\b(?! of)", said.text)
    ]


@everywhere
def test_at_most_one_direct_question_and_never_plan_or_means(country: str, language: str) -> None:
    for said in all_texts(country, language):
        assert len(DIRECT.findall(said.text)) <= 1, said
        assert said.text.count("?") <= 2, said
        assert not PLAN_OR_MEANS.search(said.text), said


@everywhere
def test_the_direct_question_is_marked(country: str, language: str) -> None:
    replies = replies_of(country)
    for said in all_texts(country, language):
        reply = replies.move(
            said.key,
            language=language,
            channel=said.channel,
            turn=said.turn,
            context=context_of(country, language, said.hour),
        )
        expected = bool(
            re.search(DIRECT.pattern if said.channel == "web" else fold(DIRECT.pattern), said.text)
        )
        assert reply.asks_directly is expected, said


@everywhere
def test_a_text_message_takes_two_plain_segments_at_most(country: str, language: str) -> None:
    for said in all_texts(country, language):
        if said.channel == "sms":
            assert is_gsm7(said.text), said
            assert segments(said.text) <= 2, said


@everywhere
def test_after_hours_the_truth_is_told_and_nobody_is_promised(country: str, language: str) -> None:
    for said in all_texts(country, language):
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
        for said in all_texts(country, language)
        if said.hour == "open"
        and re.search(r"closed|cerrada|cuando abra|when (it|the clinic) opens", said.text)
    ]


@everywhere
def test_every_reply_to_danger_says_where_help_is(country: str, language: str) -> None:
    resources = replies_of(country).resources
    names = [
        fold(resources.phrase(name, language)).lower() for name in ("emergency", "lifeline", "lifeline_name")
    ]
    for said in all_texts(country, language):
        assert any(name in fold(said.text).lower() for name in names), said


@everywhere
def test_in_an_emergency_the_emergency_line_comes_first(country: str, language: str) -> None:
    replies, context = replies_of(country), context_of(country, language, "open")
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
