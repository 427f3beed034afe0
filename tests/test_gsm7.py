"""GSM-7: folding, counting and splitting, with the limits that carriers bill by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gsm7 import MORE, fold, is_gsm7, segments, split_for_sms


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # two septets each
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # 153 + 153 would fit, but no sign is cut in two: 152, 2 + 151, 1
        ("ñ¿¡é" * 40, 1),
        ("á" * 70, 1),  # á has no place in GSM-7, so the whole text is UCS-2
        ("á" * 71, 2),
        ("😀" * 35, 1),  # two units each
        ("😀" * 36, 2),
        ("a’b", 1),
        ("’" + "a" * 70, 2),
        ("’" + "a" * 66 + "😀" + "a" * 65, 2),
        ("’" + "a" * 65 + "😀" + "a" * 66, 3),  # 66, then the emoji whole in the next part: 66, 67, 1
    ],
)
def test_segments(text: str, count: int) -> None:
    assert segments(text) == count


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("I’m “here” – now…", 'I\'m "here" - now...'),
        ("de día o de noche: envía AYUDA", "de dia o de noche: envia AYUDA"),
        ("¿Estás ahí? Él, la niña y el pingüino", "¿Estas ahi? Él, la niña y el pingüino"),
        ("café, más é", "café, mas é"),
        ("cafe\u0301", "café"),  # a combining accent is the same letter
        ("9:00\u202fam\u00a0today", "9:00 am today"),
        ("zero\u200bwidth", "zerowidth"),
        ("ﬁne ①", "fine 1"),
        ("Łódź", "Lodz"),
        ("çÇ", "cÇ"),
        ("漢字 😀", "漢字 😀"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_curly_quote_no_longer_halves_the_message() -> None:
    text = "We’re open. " + "x" * 140
    assert (segments(text), segments(fold(text))) == (3, 1)


@given(st.text())
def test_fold_is_stable_and_never_worse(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert is_gsm7(once) or not is_gsm7(text)


def test_a_short_text_is_one_message() -> None:
    assert split_for_sms("See you on Monday.") == ["See you on Monday."]
    assert split_for_sms("  ") == []


def test_a_long_text_is_cut_between_sentences() -> None:
    first, second = split_for_sms("This sentence fills the room well enough. " * 9)
    assert first.endswith(f"well enough. {MORE}")
    assert second.startswith("This sentence")
    assert MORE not in second
    assert segments(first) == 2


def test_a_sentence_without_end_is_cut_between_words() -> None:
    first, *_ = split_for_sms("word " * 100, max_segments=1)
    assert first.endswith(f"word {MORE}")
    assert segments(first) == 1


def test_a_word_without_end_is_cut_anywhere() -> None:
    assert "".join(part.removesuffix(MORE).strip() for part in split_for_sms("x" * 1000)) == "x" * 1000


def test_a_more_text_that_fills_the_message_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        split_for_sms("x" * 500, max_segments=1, more="y" * 160)


_WRITING = st.text(st.sampled_from("abc é€😀’.?! \n"), max_size=900)


@given(_WRITING, st.integers(1, 3))
def test_nothing_is_lost_and_every_message_fits(text: str, limit: int) -> None:
    messages = split_for_sms(text, max_segments=limit)
    assert all(0 < segments(message) <= limit for message in messages)
    assert all(message.endswith(MORE) for message in messages[:-1])
    rejoined = "".join(message.removesuffix(MORE) for message in messages[:-1]) + "".join(messages[-1:])
    assert "".join(rejoined.split()) == "".join(fold(text).split())
