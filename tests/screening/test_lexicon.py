"""Every rule and context of the lexicon brings its own examples; they all run here."""

from pathlib import Path

import pytest

from bot.screening import Screen, Tier
from bot.screening.entries import BadLexicon, read_contexts, read_rules
from bot.screening.lexicon import Lexicon
from bot.screening.moves import load_moves

LEXICON = Path("data/screening/lexicon")
RULES = read_rules(LEXICON)
CONTEXTS = read_contexts(LEXICON / "context" / "changes")


@pytest.fixture(scope="module")
def screen() -> Screen:
    return Screen(Lexicon(LEXICON))


@pytest.mark.parametrize("rule, text", [(rule, text) for rule in RULES for text in rule.examples],
                         ids=lambda value: getattr(value, "name", None))
def test_rule_catches(screen, rule, text):
    verdict = screen.read(text)
    assert verdict.tier >= rule.tier, verdict.reasons


@pytest.mark.parametrize("rule, text", [(rule, text) for rule in RULES for text in rule.counter_examples],
                         ids=lambda value: getattr(value, "name", None))
def test_rule_leaves_alone(screen, rule, text):
    verdict = screen.read(text)
    assert verdict.tier < Tier.CRISIS, verdict.reasons


@pytest.mark.parametrize("context, text", [(c, text) for c in CONTEXTS for text in c.examples],
                         ids=lambda value: getattr(value, "name", None))
def test_context_changes(screen, context, text):
    tier = screen.read(text).tier
    assert tier is Tier.EMERGENCY if context.raises else tier < Tier.CRISIS


@pytest.mark.parametrize("context, text", [(c, text) for c in CONTEXTS for text in c.counter_examples],
                         ids=lambda value: getattr(value, "name", None))
def test_context_leaves_alone(screen, context, text):
    tier = screen.read(text).tier
    assert tier < Tier.EMERGENCY if context.raises else tier >= Tier.CRISIS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_examples(rule):
    assert rule.patterns and rule.examples


MOVES = [(move, text) for move, texts in load_moves().examples.items() for text in texts]


@pytest.mark.parametrize("move, text", MOVES)
def test_move_is_read(move, text):
    assert move in load_moves().read(text)


@pytest.mark.parametrize("pattern", ["(a|b", "a) b", "{nothing_like_it}", "_3", "word?", "(a|)"])
def test_a_bad_pattern_names_its_entry(tmp_path, pattern):
    _copy_with(tmp_path, f'category: suicide\nentries:\n  - {{id: bad, tier: crisis, patterns: ["{pattern}"]}}\n')
    with pytest.raises(BadLexicon, match=r"odd\.bad"):
        Lexicon(tmp_path)


@pytest.mark.parametrize("entry", ["{id: x, tier: terrible, patterns: [a]}", "{tier: crisis, patterns: [a]}",
                                   "{id: x, tier: crisis, pattern: [a]}"])
def test_a_bad_entry_names_its_file(tmp_path, entry):
    _copy_with(tmp_path, f"category: suicide\nentries:\n  - {entry}\n")
    with pytest.raises(BadLexicon, match=r"odd\.yml"):
        Lexicon(tmp_path)


def _copy_with(directory: Path, odd: str) -> None:
    for path in (LEXICON / "context").glob("*.yml"):
        (directory / "context").mkdir(exist_ok=True)
        (directory / "context" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (directory / "odd.yml").write_text(odd, encoding="utf-8")
