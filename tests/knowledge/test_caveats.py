"""Which correction blocks a reply carries."""

from bot.knowledge.caveats import choose


def test_at_most_two_most_specific_first() -> None:
    assert choose(["K-ONSET", "K-RESP", "K-DUR"]) == ("K-ONSET", "K-RESP")


def test_three_with_the_crisis_block() -> None:
    assert choose(["K-CRISIS", "K-ONSET", "K-RESP", "K-DUR"]) == ("K-CRISIS", "K-ONSET", "K-RESP")
    assert choose(["K-MECH", "K-CRISIS"], first=True) == ("K-MECH", "K-CRISIS", "K-FDA")


def test_the_first_ketamine_answer_says_the_drugs_status_beside_the_topics_own_block() -> None:
    assert choose(["K-ONSET", "K-RESP"], first=True) == ("K-ONSET", "K-FDA")
    assert choose(["K-STOP", "K-RESP", "K-DUR"], imported=["K-SAFE"], first=True) == ("K-STOP", "K-FDA")
    assert choose([], imported=["K-SAFE"], first=True) == ("K-SAFE", "K-FDA")


def test_what_an_article_brings_along_comes_after_the_topics_own_block() -> None:
    assert choose(["K-STOP", "K-RESP"], imported=["K-SAFE"]) == ("K-STOP", "K-SAFE")
    assert choose(["K-DUR"], imported=["K-SAFE"], shown={"K-SAFE"}) == ("K-DUR",)


def test_what_was_said_is_not_said_again() -> None:
    assert choose(["K-ONSET", "K-RESP"], shown={"K-RESP"}) == ("K-ONSET",)
    assert choose(["K-CLINIC", "K-DRIVE"], shown={"K-CLINIC"}) == ("K-DRIVE",)
    assert choose(["K-CAND", "K-FDA", "K-AGE"], shown={"K-FDA"}) == ("K-CAND", "K-AGE")


def test_what_the_topic_demands_is_said_again() -> None:
    assert choose(["K-DEP"], shown={"K-DEP"}, demanded=["K-DEP"]) == ("K-DEP",)
    assert choose(["K-RESP", "K-DUR", "K-FDA"], shown={"K-FDA"}, demanded=["K-FDA"]) == ("K-RESP", "K-FDA")


def test_the_crisis_block_is_said_every_time() -> None:
    assert choose(["K-CRISIS", "K-DUR"], shown={"K-CRISIS", "K-DUR"}) == ("K-CRISIS",)
