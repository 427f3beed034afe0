"""Which correction blocks a reply carries."""

from bot.knowledge.caveats import choose


def test_at_most_two_most_specific_first() -> None:
    assert choose(["K-ONSET", "K-RESP", "K-DUR"]) == ("K-ONSET", "K-RESP")


def test_three_with_the_crisis_block() -> None:
    assert choose(["K-CRISIS", "K-ONSET", "K-RESP", "K-DUR"]) == ("K-CRISIS", "K-ONSET", "K-RESP")


def test_first_ketamine_answer_says_its_status() -> None:
    assert choose(["K-ONSET", "K-RESP"], first=True) == ("K-ONSET", "K-FDA")


def test_safety_block_is_never_crowded_out() -> None:
    assert choose(["K-STOP", "K-RESP", "K-SAFE"]) == ("K-STOP", "K-SAFE")
    assert "K-SAFE" in choose(["K-STOP", "K-RESP", "K-SAFE"], first=True)


def test_what_was_said_is_not_said_again() -> None:
    assert choose(["K-ONSET", "K-RESP"], shown={"K-RESP"}) == ("K-ONSET",)


def test_what_the_topic_demands_is_said_again() -> None:
    assert choose(["K-DEP"], shown={"K-DEP"}) == ("K-DEP",)
    assert choose(["K-CRISIS", "K-FDA"], shown={"K-CRISIS", "K-FDA"}) == ("K-CRISIS", "K-FDA")
