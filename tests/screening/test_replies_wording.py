"""Rules about how the fixed texts are worded: whom they name, how hard they read, and that none is pasted twice."""

import re
from itertools import pairwise, product

import pytest
import textstat

from bot.gsm7 import fold, is_gsm7, segments
from tests.screening.every_text import COUNTRIES, LANGUAGES, NOTICES, all_texts, context_of, replies_of

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


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_most_three_services_in_a_bubble(language: str) -> None:
    for said in all_texts("US", language):
        named = [service for service in SERVICES if service in said.text]
        assert len(named) <= 3, (named, said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("country", ["GB", "IE", "AU", "NZ", "INT"])
def test_abroad_no_american_number_is_printed(country: str, language: str) -> None:
    for said in all_texts(country, language):
        assert not re.search(r"\b(911|988|741741|88788)\b|1-800", said.text), said


def test_canada_has_988_but_no_american_service() -> None:
    assert not [said for said in all_texts("CA", "en") if re.search(r"741741|88788|1-800", said.text)]


def _without_numbers(text: str) -> str:
    """Reading formulas take a phone number for a word of ten syllables; people don't."""
    return re.sub(r"\(?\d[\d\-() ]*\d|24/7|\d+", "", text)


def test_english_reads_at_grade_six_or_easier() -> None:
    too_hard = [
        (grade, said)
        for said in all_texts("US", "en")
        if (grade := textstat.flesch_kincaid_grade(_without_numbers(said.text))) > 6
    ]
    assert not too_hard


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_block_is_never_pasted_twice_in_a_row(language: str) -> None:
    replies = replies_of("US")
    for hour, channel in product(("open", "closed"), ("web", "sms")):
        context = context_of("US", language, hour)
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
    for key, entry in replies_of("US").books[language].entries.items():
        for channel, wordings in entry.wordings.items():
            assert len(set(wordings)) == len(wordings), (key, channel)
            assert len(wordings) >= 3 or key in NOTICES, (key, channel)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_asked_to_text_a_word_that_opts_out(language: str) -> None:
    for said in all_texts("US", language):
        words = re.findall(r"(?:text|send|reply|env[ií]a|escribe|responde)\s+\"?([A-Z]{2,})\b", said.text)
        assert not set(words) & set(replies_of("US").sms_words()["stop"]), said


def test_ketamine_is_named_only_to_say_that_it_is_not_emergency_care() -> None:
    for language in LANGUAGES:
        for said in all_texts("US", language):
            if re.search("[ck]etamin", said.text, re.IGNORECASE):
                assert said.key == "ketamine_question"
                assert re.search(r"not emergency care|no es atenci[oó]n de emergencia", said.text), said


@pytest.mark.parametrize(
    ("country", "language", "name"), list(product(COUNTRIES, LANGUAGES, ["help", "stop", "start"]))
)
def test_keyword_replies_fit_and_carry_the_emergency_lines(country: str, language: str, name: str) -> None:
    text = (
        replies_of(country)
        .sms_keyword(name, language=language, context=context_of(country, language, "open"))
        .text
    )
    resources = replies_of(country).resources
    assert is_gsm7(text)
    assert segments(text) <= 2
    assert fold(resources.phrase("emergency", language)) in text
    assert fold(resources.phrase("lifeline", language)) in text
    assert not re.search("ketamin", text, re.IGNORECASE)
