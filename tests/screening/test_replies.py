"""Which fixed reply comes when, and that one always comes."""

from dataclasses import replace
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gsm7 import is_gsm7, segments
from bot.screening.replies import STATIC_CRISIS_TEXT, CrisisReply, Replies, ReplyContext, load_replies
from bot.screening.resources import load_resources

DATA = Path(__file__).parents[2] / "data" / "screening"
OPEN = ReplyContext("Harbor Clinic", "555-010-0199", None, "US", True, None)
ON_CALL = ReplyContext("Harbor Clinic", "555-010-0199", "555-010-0123", "US", False, "Monday at 9:00 am")
CLOSED = ReplyContext("Harbor Clinic", "555-010-0199", None, "US", False, "Monday at 9:00 am")


@lru_cache
def _replies() -> Replies:
    return load_replies(DATA / "replies", load_resources(DATA / "resources", "US"))


def _crisis(
    tier: str,
    category: str,
    subject: str = "self",
    language: str = "en",
    channel: str = "web",
    context: ReplyContext = OPEN,
    turn: int = 0,
) -> CrisisReply:
    return _replies().crisis(
        tier=tier,
        category=category,
        subject=subject,
        language=language,
        channel=channel,
        context=context,
        turn=turn,
    )


def _move(move: str, context: ReplyContext = OPEN, **more: Any) -> CrisisReply:
    asked = {"language": "en", "channel": "web", **more}
    return _replies().move(move, context=context, **asked)


@pytest.mark.parametrize(
    ("tier", "category", "subject", "key"),
    [
        ("emergency", "suicide", "other", "suicide_other_emergency"),
        ("emergency", "self_harm", "self", "self_harm_emergency"),
        ("emergency", "medical", "other", "medical_other"),
        ("emergency", "adverse_effect", "self", "medical"),
        ("emergency", "overdose", "self", "overdose_emergency"),
        ("emergency", "overdose.unresponsive", "other", "overdose_unresponsive"),
        ("emergency", "overdose.awake", "self", "overdose_awake"),
        ("emergency", "overdose.never_heard_of", "self", "overdose_emergency"),
        ("emergency", "violence", "other", "violence_other"),
        ("emergency", "abuse", "minor", "abuse_emergency"),
        ("emergency", "psychosis", "self", "psychosis_emergency"),
        ("emergency", "distress", "self", "general_emergency"),
        ("emergency", "none", "minor", "general_emergency"),
        ("crisis", "suicide", "other", "suicide_other"),
        ("crisis", "suicide", "minor", "suicide"),
        ("crisis", "self_harm", "other", "self_harm_other"),
        ("crisis", "overdose", "other", "overdose_awake"),
        ("crisis", "abuse", "minor", "abuse_child"),
        ("crisis", "abuse.sexual", "self", "abuse_sexual"),
        ("crisis", "abuse.sexual", "minor", "abuse_sexual"),
        ("crisis", "psychosis", "self", "psychosis"),
        ("crisis", "substance", "other", "substance_other"),
        ("crisis", "distress", "self", "general"),
        ("crisis", "none", "minor", "minor"),
        ("check_in", "distress", "minor", "check_in"),
        ("check_in", "suicide", "self", "check_in"),
        ("check_in", "suicide", "other", "check_in_other"),
        ("check_in", "adverse_effect", "self", "adverse_effect"),
        ("check_in", "medical", "self", "adverse_effect"),
        ("check_in", "overdose", "self", "overdose_awake"),
        ("info", "suicide", "self", "info_line"),
        ("info", "none", "minor", "minor"),
        ("none", "none", "self", "general"),
        ("louder", "than", "words", "general"),
    ],
)
def test_the_reply_fits_the_verdict(tier: str, category: str, subject: str, key: str) -> None:
    assert _crisis(tier, category, subject).key == key


@pytest.mark.parametrize(
    ("tier", "category"), [("check_in", "distress"), ("crisis", "psychosis"), ("crisis", "distress")]
)
def test_a_call_back_is_offered_only_while_someone_is_there(tier: str, category: str) -> None:
    offer = "Would you like someone from the clinic to call you?"
    assert offer in _crisis(tier, category, context=OPEN).text
    on_call = _crisis(tier, category, context=ON_CALL).text
    assert offer not in on_call
    assert "on-call number is 555-010-0123" in on_call
    closed = _crisis(tier, category, context=CLOSED).text
    assert offer not in closed
    assert "closed until Monday at 9:00 am. It has no on-call line" in closed


def test_without_opening_hours_it_only_says_closed() -> None:
    context = ReplyContext("Harbor Clinic", "555-010-0199", None, "US", False, None)
    assert (
        "The clinic is closed now. It has no on-call line"
        in _crisis("crisis", "suicide", context=context).text
    )


def test_a_minor_is_sent_to_a_trusted_adult_and_never_asked_for_a_call() -> None:
    text = _crisis("check_in", "distress", "minor").text
    assert "an adult you trust" in text
    assert "call you?" not in text
    assert "an adult you trust" in _crisis("crisis", "suicide", "minor", channel="sms").text


@pytest.mark.parametrize("move", ["crisis_reply", "pass", "never heard of", ""])
def test_an_unknown_move_gets_the_general_text(move: str) -> None:
    assert _move(move).key == "general"


def test_a_named_reply_outranks_the_move() -> None:
    reply = _move("info_line", reply_name="ketamine_question")
    assert reply.key == "ketamine_question"
    assert reply.asks_directly
    assert "call or text 988 now; if you are in danger, call 911" in reply.text


def test_help_from_the_team_is_promised_for_when_it_is_there() -> None:
    assert "when the clinic opens" in _move("locked_topic", CLOSED).text


@pytest.mark.parametrize(
    ("reply", "asks"),
    [
        (_crisis("check_in", "distress"), True),
        (_crisis("check_in", "distress", turn=2), False),
        (_crisis("crisis", "suicide"), False),
        (_move("locked_topic"), False),  # a yes to "are you safe" must not be read as a yes to suicide
    ],
)
def test_asks_directly_marks_the_direct_question_only(reply: CrisisReply, asks: bool) -> None:
    assert reply.asks_directly is asks


def test_buttons_are_the_countrys_own() -> None:
    assert [line.href for line in _crisis("emergency", "suicide").resources] == [
        "tel:911",
        "tel:988",
        "sms:988",
    ]
    # Britain has no checked abuse line yet, so its crisis line stands in.
    british = _crisis("crisis", "abuse", context=replace(OPEN, country="GB"))
    assert [line.id for line in british.resources] == ["gb-samaritans", "gb-999"]
    assert "call Samaritans on 116 123" in british.text


@pytest.mark.parametrize("language", ["es", "es-MX", "ES"])
def test_spanish(language: str) -> None:
    reply = _crisis("crisis", "suicide", language=language)
    assert "llama al 988 y oprime 2, o envía AYUDA al 988" in reply.text
    assert reply.resources[0].label == "Llama al 988 y oprime 2"
    assert (
        "Llama al 988 y oprime 2, o envia AYUDA al 988. Si estas en peligro, llama al 911."
        in _crisis("crisis", "suicide", language=language, channel="sms").text
    )


def test_a_language_without_texts_reads_english() -> None:
    assert _crisis("crisis", "suicide", language="ko").text == _crisis("crisis", "suicide").text


def test_the_first_notice_says_what_it_must() -> None:
    for channel, watched in (("web", "not watched around the clock"), ("sms", "Not watched 24/7")):
        text = _replies().notice(language="en", channel=channel, context=OPEN).text
        for part in (
            "automated assistant (AI)",
            "Harbor Clinic",
            "not a person or a clinician",
            watched,
            "saved and staff may",
            "Emergency: 911",
            "Crisis: call or text 988",
        ):
            assert part in text
    assert "STOP to opt out" in text
    assert _replies().notice(language="en", channel="web", context=OPEN, again=True).key == "notice_again"


def test_the_fallback_names_the_clinic_and_the_emergency_lines() -> None:
    text = _replies().fallback(language="en", channel="web", context=OPEN).text
    assert "555-010-0199" in text
    assert "911" in text
    assert "988" in text


def test_the_words_that_count_as_a_keyword() -> None:
    assert {"ALTO", "END", "REVOKE"} <= set(_replies().sms_words()["stop"])
    assert _replies().sms_keyword("what", language="en", context=OPEN).key == "sms_help"


def test_a_patient_abroad_reads_the_lines_of_that_country() -> None:
    abroad = replace(OPEN, country="GB")
    reply = _crisis("emergency", "suicide", context=abroad)
    assert "call 999 now" in reply.text
    assert reply.resources[0].href == "tel:999"
    assert "findahelpline.com" in _crisis("crisis", "suicide", context=replace(OPEN, country="FR")).text


def test_spanish_says_the_hours_in_spanish() -> None:
    text = _crisis("crisis", "suicide", language="es", context=CLOSED).text
    assert "La clínica está cerrada hasta el lunes a las 9:00 am." in text


def test_members_of_enumerations_are_read_by_their_value() -> None:
    verdict = Enum("verdict", {"TIER": "emergency", "CATEGORY": "medical", "SUBJECT": "other"})
    tier, category, subject = (cast(str, member) for member in verdict)
    assert _crisis(tier, category, subject).key == "medical_other"


_ANY = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "emergency",
            "crisis",
            "check_in",
            "info",
            "none",
            "suicide",
            "overdose",
            "abuse",
            "self",
            "other",
            "minor",
            "web",
            "sms",
            "en",
            "es",
        ]
    ),
)


@given(
    _ANY,
    _ANY,
    _ANY,
    _ANY,
    _ANY,
    st.integers(-5, 50),
    st.text(max_size=40),
    st.text(max_size=60),
    st.booleans(),
)
def test_there_is_always_a_reply(
    tier: str,
    category: str,
    subject: str,
    language: str,
    channel: str,
    turn: int,
    phone: str,
    opens: str,
    open_now: bool,
) -> None:
    context = ReplyContext("{odd} clinic", phone, phone or None, "US", open_now, opens)
    reply = _crisis(tier, category, subject, language, channel, context, turn)
    assert "911" in reply.text or "988" in reply.text
    assert 1 <= len(reply.resources) <= 3
    if channel == "sms":
        assert is_gsm7(reply.text)
        assert segments(reply.text) <= 2


def test_a_broken_context_costs_the_wording_not_the_help() -> None:
    broken: Any = None
    assert _crisis("crisis", "suicide", context=broken).text == (
        "Emergency: call 911. 988 Lifeline: call 988, free, 24/7."
    )


def test_the_last_resort_fits_a_text_message() -> None:
    assert is_gsm7(STATIC_CRISIS_TEXT)
    assert segments(STATIC_CRISIS_TEXT) <= 2
    assert all(part in STATIC_CRISIS_TEXT for part in ("Call 911", "988", "automated", "findahelpline.com"))
