"""What happens after a crisis reply: nothing lowers the tier but staff."""

from pathlib import Path

import pytest

from bot.screening import Category, Screen, Subject, Tier
from bot.screening.conversation import MOVES, ConversationState, advance
from bot.screening.lexicon import Lexicon

SCREEN = Screen(Lexicon(Path("data/screening/lexicon")))


def talk(*messages: str):
    """Run messages through screen and conversation; return the last turn."""
    turn, state = None, ConversationState()
    for message in messages:
        turn = advance(state, message, SCREEN.read(message))
        state = turn.state
    return turn


def test_a_calm_message_passes():
    assert talk("what does it cost?").move == "pass"


def test_an_alarming_question_gets_its_answer_and_a_line():
    turn = talk("does ketamine help with suicidal thoughts?")
    assert (turn.move, turn.state.locked) == ("info_line", False)


@pytest.mark.parametrize("answer", ["yes", "yeah", "i guess so", "sometimes", "sí", "Yes I have", "a little 😔"])
def test_yes_to_the_direct_question_raises(answer):
    turn = talk("i feel hopeless", answer)
    assert (turn.move, turn.tier_for_reply, turn.category) == ("crisis_reply", Tier.CRISIS, Category.SUICIDE)
    assert turn.state.locked


def test_yes_without_the_question_is_just_a_yes():
    assert talk("what does it cost?", "yes").move == "pass"


@pytest.mark.parametrize("answer", ["im fine", "just kidding", "jk lol", "nvm forget it", "estoy bien", "era broma"])
def test_fine_is_acknowledged_and_clears_nothing(answer):
    turn = talk("i want to kill myself", answer)
    assert turn.move == "acknowledge_fine"
    assert (turn.state.tier, turn.state.locked) == (Tier.CRISIS, True)


@pytest.mark.parametrize("answer, move", [
    ("no", "accept_refusal"), ("i'd rather not say", "accept_refusal"), ("i dont want to call 988", "refuses_988"),
    ("they'll just send the cops", "refuses_988"), ("please dont tell anyone", "no_secrecy"),
    ("how much is an infusion?", "locked_topic"), ("cuanto cuesta", "locked_topic")])
def test_moves_after_a_crisis(answer, move):
    turn = talk("i want to kill myself", answer)
    assert turn.move == move
    assert turn.state.locked and turn.state.tier is Tier.CRISIS


def test_anything_else_while_locked_shows_help_again():
    turn = talk("i want to kill myself", "the sky is grey here")
    assert (turn.move, turn.state.crisis_turns) == ("crisis_reply", 2)


@pytest.mark.parametrize("answer", ["thanks", "ok", "ok thank you", "hello", "bye", "gracias"])
def test_after_danger_a_courtesy_gets_no_small_talk(answer):
    turn = talk("i want to kill myself", answer)
    assert (turn.move, turn.state.locked, turn.state.tier) == ("acknowledge_fine", True, Tier.CRISIS)


@pytest.mark.parametrize("answer", ["can I talk to a real person", "can someone call me please",
                                    "quiero hablar con una persona"])
def test_asking_for_a_person_is_answered_as_such(answer):
    turn = talk("i want to kill myself", answer)
    assert (turn.move, turn.tier_for_reply) == ("pass", Tier.NONE)
    assert (turn.state.locked, turn.state.tier, turn.state.crisis_turns) == (True, Tier.CRISIS, 1)


@pytest.mark.parametrize("answer", ["thanks, goodbye forever", "bye, i took the pills", "hello i want to die",
                                    "i can't talk to anyone, i want to die"])
def test_a_courtesy_hides_no_danger(answer):
    assert talk("i want to kill myself", answer).move == "crisis_reply"


@pytest.mark.parametrize("answer", ["do you have parking", "what are your hours", "is ketamine safe", "how long is a session"])
def test_short_questions_wait_for_staff(answer):
    assert talk("i want to kill myself", answer).move == "locked_topic"


def test_after_a_check_in_answers_return():
    assert talk("i feel hopeless", "how much is an infusion?").move == "pass"


def test_worse_raises_and_better_does_not_lower():
    turn = talk("i feel hopeless", "i want to kill myself", "i took all my pills", "ok")
    assert turn.state.tier is Tier.EMERGENCY


def test_a_minor_stays_a_minor():
    turn = talk("im 15", "i want to die", "my friend too")
    assert turn.state.subject is Subject.MINOR


def test_denial_with_danger_in_it_is_danger():
    turn = talk("i want to die", "im fine, i just took all my pills")
    assert turn.tier_for_reply is Tier.EMERGENCY


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("text", ["", "yes", "no", "im fine", "988", "price", "\ud800", "x" * 10_000])
def test_every_state_has_a_move_and_never_falls(tier, text):
    state = ConversationState(tier=tier, locked=tier >= Tier.CRISIS, question_open=True)
    turn = advance(state, text, SCREEN.read(text))
    assert turn.move in MOVES
    assert turn.state.tier >= tier and turn.state.locked >= state.locked
