"""The screen as a whole: any text gets a verdict, and nothing that breaks takes the lexicon with it."""

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.embedding import shared_embedder
from bot.screening import Category, Subject, Tier, is_fresh, load_screen, train_screen
from bot.screening.classifier import CARD, WEIGHTS
from bot.sums import seal

DATA = Path("data/screening")
ALONE = load_screen(DATA, Path("no/such/folder"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A screen trained on a small data folder of its own, quick enough for every test run."""
    data = tmp_path_factory.mktemp("data")
    shutil.copytree(DATA / "lexicon", data / "lexicon")
    (data / "examples").mkdir()
    rows = [("the darkness has swallowed every colour", "check_in", "distress"),
            ("each dawn is a punishment for me", "check_in", "distress"),
            ("my last sunrise is near and i have chosen it", "crisis", "suicide"),
            ("soon the ground will have me and i welcome it", "crisis", "suicide"),
            ("what are your prices", "none", "none"), ("do you open on sundays", "none", "none"),
            ("is parking free", "none", "none"), ("can my sister drive me home", "none", "none"),
            ("studies of depression with ketamine", "info", "suicide"),
            ("the room spins and my chest burns", "emergency", "medical"),
            ("he turned cold on the floor", "emergency", "medical")]
    body = "author: test\nentries:\n" + "".join(
        f'  - {{text: "{text}", tier: {tier}, category: {category}, subject: self, language: en, style: plain}}\n'
        for text, tier, category in rows * 3)
    (data / "examples" / "some.yml").write_text(body)
    return data


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory):
    directory = tmp_path_factory.mktemp("model")
    train_screen(trained, directory, shared_embedder())
    return directory


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=300), st.lists(st.text(max_size=50), max_size=2))
def test_any_text_gets_a_verdict(text, earlier):
    verdict = ALONE.read(text, earlier)
    json.dumps(verdict.as_dict(text))
    assert all(0 <= reason.span[0] <= reason.span[1] <= len(text) for reason in verdict.reasons)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=300), st.lists(st.text(max_size=50), max_size=2))
def test_a_glance_first_changes_no_verdict_and_is_forgotten(text, earlier):
    at_once = ALONE.read(text, earlier)
    glance = ALONE.glance(text)
    assert glance is ALONE.glance(text)
    assert at_once.tier >= glance
    afterwards = ALONE.read(text, earlier)
    assert (afterwards.tier, afterwards.category, afterwards.reasons) == (at_once.tier, at_once.category, at_once.reasons)
    assert not ALONE._begun


@pytest.mark.parametrize("text", ["", " ", "\ud800", "\x00", "😀" * 10_000, "\u202eabc", "." * 5000,
                                  "a" * 5000, "1" * 5000,
                                  "k " * 5000, "*" * 300, "\n" * 1000],
                         ids=lambda text: repr(text[:8]))
def test_odd_texts_are_harmless_and_quick(text):
    started = time.perf_counter()
    assert ALONE.read(text).tier < Tier.CRISIS
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("place", [0.0, 0.37, 0.5, 0.93, 1.0])
def test_a_megabyte_hides_nothing(place):
    filler = "My sister asked about the garden and the weather was fine that day. "
    before = int(15_000 * place)
    text = filler * before + "I want to kill myself. " + filler * (15_000 - before)
    started = time.perf_counter()
    verdict = ALONE.read(text)
    assert verdict.tier is Tier.CRISIS
    assert text[slice(*verdict.reasons[0].span)].endswith("kill myself")
    assert time.perf_counter() - started < 6


def test_no_sentence_ends_hide_nothing():
    text = "so i was talking about the garden with the neighbours and " * 60 + "i want to die"
    assert ALONE.read(text).tier is Tier.CRISIS


def test_a_thought_split_over_messages_is_read_joined():
    assert ALONE.read("kill myself", ["i think im going to"]).tier >= Tier.CRISIS
    assert ALONE.read("to die", ["hey", "i just want"]).tier is Tier.CRISIS
    # What an earlier message said alone is not said again by this one.
    assert ALONE.read("what does it cost?", ["i want to die"]).tier is Tier.NONE


@pytest.mark.parametrize("text, subject", [
    ("im 15 and i want to die", Subject.MINOR), ("i want to die", Subject.SELF),
    ("my husband can't breathe after his infusion", Subject.OTHER), ("my wife says she wants to die", Subject.OTHER)])
def test_subject(text, subject):
    assert ALONE.read(text).subject is subject


@pytest.mark.parametrize("text, category", [
    ("chest pain after my infusion", Category.MEDICAL), ("my husband hits me", Category.ABUSE),
    ("i hear voices in my head", Category.PSYCHOSIS), ("i relapsed last night", Category.SUBSTANCE)])
def test_category(text, category):
    assert ALONE.read(text).category is category


def test_language():
    assert ALONE.read("ya no quiero vivir").language == "es"
    assert ALONE.read("").language == "en"


def test_training_is_deterministic_and_fresh(trained, model, tmp_path):
    train_screen(trained, tmp_path, shared_embedder())
    for name in (WEIGHTS, CARD):
        assert (tmp_path / name).read_bytes() == (model / name).read_bytes()
    assert is_fresh(trained, model)
    with (trained / "examples" / "some.yml").open("a") as file:
        file.write("# changed\n")
    assert not is_fresh(trained, model)


def test_the_classifier_adds_what_no_rule_foresees(trained, model):
    screen = load_screen(trained, model, shared_embedder())
    assert screen.classifier_state == "ready"
    text = "my last sunrise is near and i have chosen it"
    assert ALONE.read(text).tier < Tier.CRISIS
    verdict = screen.read(text)
    assert verdict.tier >= Tier.CHECK_IN
    reason = next(reason for reason in verdict.reasons if reason.by == "classifier")
    assert reason.rule.startswith("like some#")
    assert screen.read("is parking free").tier is Tier.NONE


@pytest.mark.parametrize("break_it", ["missing", "empty", "cut", "nan", "nan basis", "shape", "card"])
def test_a_broken_classifier_leaves_the_lexicon(trained, model, tmp_path, break_it):
    broken = tmp_path / "model"
    shutil.copytree(model, broken)
    weights = broken / WEIGHTS
    if break_it == "missing":
        weights.unlink()
    elif break_it == "empty":
        weights.write_bytes(b"")
    elif break_it == "cut":
        weights.write_bytes(weights.read_bytes()[:5000])
    elif break_it == "card":
        (broken / CARD).write_text('{"version": 0}')
    else:
        with np.load(weights) as arrays:
            parts = dict(arrays)
        name = "basis" if break_it == "nan basis" else "weights"
        parts[name] = parts[name][:, :9] if break_it == "shape" else parts[name] * np.nan
        np.savez(weights, **parts)
    if break_it != "missing":
        seal(broken)  # broken all the same, by a training that went wrong
    screen = load_screen(trained, broken, shared_embedder())
    assert screen.classifier is None and screen.classifier_state != "ready"
    assert screen.read("i want to kill myself").tier is Tier.CRISIS


def test_an_embedder_that_fails_leaves_the_lexicon(trained, model):
    class Failing:
        calls = 0

        def encode(self, texts):
            self.calls += 1
            if self.calls > 1:
                raise RuntimeError("no memory")
            return shared_embedder().encode(texts)

    screen = load_screen(trained, model, Failing())
    assert screen.read("good morning to you").tier is Tier.NONE
    assert screen.classifier_state == "failed: RuntimeError"


def test_a_crisis_does_not_wait_for_the_embedding(trained, model):
    class Counting:
        calls = 0

        def encode(self, texts):
            self.calls += 1
            return shared_embedder().encode(texts)

    counting = Counting()
    screen = load_screen(trained, model, counting)
    before = counting.calls
    assert screen.read("i want to kill myself").tier is Tier.CRISIS
    assert counting.calls == before


@pytest.mark.parametrize("text, language", [
    ("no", "en"), ("No.", "en"), ("me", "en"), ("solo", "en"), ("ok", "en"), ("yes", "en"), ("no no no", "en"),
    ("si", "es"), ("sí", "es"), ("hola", "es"), ("no puedo más", "es"), ("no quiero vivir", "es"), ("ya no", "es"),
])
def test_a_word_of_both_languages_does_not_make_a_message_spanish(text, language):
    assert ALONE.read(text).language == language
