"""People hide words from filters, and their thumbs slip: the plain words must come out all the same."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.screening.fold import fold
from bot.screening.lexicon import Lexicon

NORMALISER = Lexicon(Path("data/screening/lexicon")).normaliser


def plain(text: str) -> str:
    return " ".join(NORMALISER.read(text).words)


@pytest.mark.parametrize("written", [
    "I want to kill myself", "I WANT TO KILL MYSELF", "i wanna kill myself",
    "i want to k1ll myself", "i want to k!ll my$elf",
    "i want to k*ll myself", "i want to k i l l myself", "i want to k.i.l.l myself", "i want to k-i-l-l myself",
    "i want to kiiiill myself", "i want to kill mysefl", "i want to kill my self", "i w4nt 2 kill myself",
    "i want to \u043aill myself", "i want to ｋｉｌｌ myself", "i want to 𝐤𝐢𝐥𝐥 myself", "i want to ki\u200bll myself",
    "i want to k\u0336i\u0336l\u0336l\u0336 myself", "i want to ᴋɪʟʟ myself", "iwanttokillmyself", "i want to kms",
    "i want to 🅺🅸🅻🅻 myself", "i want to kìll mysélf",
])
def test_disguises_of_one_sentence(written):
    assert plain(written).strip(" .") == "i want to kill myself"


@pytest.mark.parametrize("written, meant", [
    ("s u i c i d e", "suicide"), ("su1c1de", "suicide"), ("s**cide", "suicide"), ("sewerslide", "suicide"),
    ("suicde", "suicide"), ("sucidal", "suicidal"), ("un alive", "unalive"), ("don’t", "do not"), ("can't", "can not"),
    ("c*t", "cut"), ("g*n", "gun"), ("dr*gs", "drugs"), ("sh*t", "shit"), ("breahte", "breathe"), ("overdsoe", "overdose"), ("kiero", "quiero"), ("suicídarme", "suicidarme"),
])
def test_words(written, meant):
    assert plain(written) == meant


@pytest.mark.parametrize("word", ["skill", "therapist", "Essex", "accused", "diet", "studying", "analysis", "pillow",
                                  "weekend", "cute", "hunt", "deaf", "dinner", "dormir", "mirar"])
def test_real_words_stay(word):
    assert plain(word) == word.lower()


def test_spans_point_into_the_original():
    text = "Hola 👋🏽  I\u200b want to ＫＩＬＬ  myself!"
    words = NORMALISER.read(text)
    start, end = words.span(words.words.index("kill"), words.words.index("myself") + 1)
    assert text[start:end] == "ＫＩＬＬ  myself"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text_is_read_and_spans_stay_inside(text):
    words = NORMALISER.read(text)
    assert all(0 <= start <= end <= len(text) for start, end in zip(words.starts, words.ends))
    assert len(words.words) == len(words.starts) == len(words.ends)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=100))
def test_folding_keeps_the_way_back(text):
    folded = fold(text)
    assert all(0 <= folded.at(i) < len(text) for i in range(len(folded.text)))
