"""The first wording of each reply is the clinical protocol's, word for word."""

from pathlib import Path

import pytest

from bot.screening.replies import ReplyContext, load_replies
from bot.screening.resources import load_resources

DATA = Path(__file__).parents[2] / "data" / "screening"
REPLIES = load_replies(DATA / "replies", load_resources(DATA / "resources", "US"))
OPEN = ReplyContext("Harbor Clinic", "555-010-0199", None, "US", True, None)
ON_CALL = ReplyContext("Harbor Clinic", "555-010-0199", "555-010-0123", "US", False, "Monday at 9:00 am")

T1 = """
    I'm really glad you told me. Please call 911 now, or go to the nearest emergency room. You can
    also call or text 988 any time. If you can, be with someone, and move away from anything you
    could use to hurt yourself. I'm an automated assistant, so I can't send help myself, but the
    people at 911 and 988 can."""
T2 = """
    Thank you for telling me. I'm sorry it hurts this much. I'm an automated assistant, and you
    deserve a real person right now: call or text 988 (free, 24/7) or text HOME to 741741. If you
    might act on these thoughts, or have already hurt yourself, call 911. Is there someone who can
    be with you? You don't have to answer me to use these."""
T3 = """
    That sounds really heavy, and I'm glad you said it. Are you thinking about suicide? You don't
    have to answer. Either way you can call or text 988, any time, for any kind of pain. Would you
    like someone from the clinic to call you?"""
T8 = """
    Call Poison Control now: 1-800-222-1222, free, 24/7. If anyone has collapsed, is having a
    seizure, can't be woken, or has trouble breathing, call 911. If this was on purpose, call 911,
    and you can call or text 988."""
T10 = """
    If anyone is in danger, call 911 now. If you're afraid of what you might do, call or text 988
    and tell them exactly that. Please move away from the person and from anything you could use."""
T11 = """
    I'm sorry this is happening. It is not your fault. The National Domestic Violence Hotline is
    1-800-799-7233, or text START to 88788. If you're in danger now, call 911."""
SMS = """
    I'm glad you told me. In danger or already hurt? Call 911 now. Any time: call or text 988, or
    text HOME to 741741. I'm an automated line and can't send help. Is someone with you?"""
T7_ON_CALL = """
    Call 911 now. Please don't drive yourself. If someone is with you, ask them to stay. After
    you've called, the clinic's on-call number is 555-010-0123. The clinic is closed until Monday at
    9:00 am. This chat is not watched around the clock."""
FINE = "OK, thanks for telling me. If that changes, 988 is there any time. What can I help with?"
REFUSES = """
    Fewer than 2 in 100 contacts lead to 911. You can text instead of call, and you don't have to
    give your name."""
SECRECY = "I can't promise that. Chats are saved and staff may read them, because we want you safe."
LINE = "If you're asking because things are hard right now, you can call or text 988 any time."
HELP = """
    Harbor Clinic: automated info line, not watched 24/7. Emergency: 911. Crisis: call or text 988.
    Questions: 555-010-0199. Msg & data rates may apply. STOP to opt out."""
STOP = """
    Harbor Clinic: you're opted out. Emergency: 911. Crisis: call or text 988. Text START to rejoin."""


def _flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("tier", "category", "channel", "text"),
    [
        ("emergency", "suicide", "web", T1),
        ("crisis", "suicide", "web", T2),
        ("check_in", "distress", "web", T3),
        ("crisis", "overdose", "web", T8),
        ("emergency", "violence", "web", T10),
        ("crisis", "abuse", "web", T11),
        ("emergency", "suicide", "sms", SMS),
        ("crisis", "suicide", "sms", SMS),
    ],
)
def test_first_wording(tier: str, category: str, channel: str, text: str) -> None:
    reply = REPLIES.crisis(
        tier=tier, category=category, subject="self", language="en", channel=channel, context=OPEN
    )
    assert reply.text == _flat(text)


def test_a_medical_emergency_names_the_on_call_number() -> None:
    reply = REPLIES.crisis(
        tier="emergency", category="medical", subject="self", language="en", channel="web", context=ON_CALL
    )
    assert reply.text == _flat(T7_ON_CALL)


@pytest.mark.parametrize(
    ("move", "start"),
    [
        ("acknowledge_fine", FINE),
        ("accept_refusal", "That's OK."),
        ("refuses_988", REFUSES),
        ("no_secrecy", SECRECY),
        ("locked_topic", "I can get our team to help with that. First, are you safe right now?"),
        ("anger", "You're right, I'm only an automated assistant. A person is at 988 right now."),
        ("info_line", LINE),
    ],
)
def test_next_turns(move: str, start: str) -> None:
    reply = REPLIES.move(move, language="en", channel="web", context=OPEN)
    assert reply.text.startswith(_flat(start))


@pytest.mark.parametrize(("name", "text"), [("HELP", HELP), ("stop", STOP)])
def test_sms_keywords(name: str, text: str) -> None:
    assert REPLIES.sms_keyword(name, language="en", context=OPEN).text == _flat(text)
