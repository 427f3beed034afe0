"""Codes of the record in words that a tired person reads at once, ready to be translated."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

TIERS = {
    "emergency": _("emergency"), "crisis": _("crisis"), "check_in": _("worrying"), "info": _("mention"),
    "none": _("nothing alarming"),
}
CATEGORIES = {
    "suicide": _("suicide"), "self_harm": _("self-harm"), "medical": _("medical"), "overdose": _("overdose or poison"),
    "violence": _("violence"), "abuse": _("abuse"), "psychosis": _("psychosis or mania"),
    "substance": _("substance use"), "adverse_effect": _("side effect"), "distress": _("distress"), "none": _("none"),
}
SUBJECTS = {"self": _("the patient"), "other": _("somebody else"), "minor": _("a minor")}
# How the assistant answered last, or what was done.
KINDS = {
    "answer": _("answered"), "abstain": _("could not answer"), "refer": _("one for a clinician"),
    "refuse": _("refused"), "clinic": _("about the clinic"), "booking": _("booking"), "handoff": _("person asked for"),
    "privacy": _("privacy"), "bot_challenge": _("asked if it is a robot"), "small_talk": _("small talk"),
    "out_of_scope": _("off topic"), "crisis": _("crisis help shown"), "fallback": _("assistant was down"),
    "reminder": _("reminder"), "staff": _("staff"),
}
# Why an alert was raised, where no danger was read.
REASONS = {
    "person_asked": _("asks for a person"), "unanswered": _("a message got no answer"),
    "assistant_down": _("the assistant was down"), "opted_out_in_crisis": _("stopped texts while in danger"),
    "text_not_delivered": _("a text did not arrive"), "visit_to_confirm": _("a visit to confirm"),
    "dialogue.crisis": _("crisis, read from the conversation"), "call_back": _("wants a call"),
}
LANGUAGES = {"en": _("English"), "es": _("Spanish")}


def in_words(code: str) -> str:
    """Return a code such as `check_in`, `abstain` or `crisis.self_harm` in words; an unknown one without dashes."""
    for known in (TIERS, CATEGORIES, KINDS, REASONS, SUBJECTS, LANGUAGES):
        if code in known:
            return str(known[code])
    first, _dot, rest = code.partition(".")
    if rest and first in TIERS:
        return f"{TIERS[first]}: {in_words(rest)}"
    return code.replace("_", " ").replace(".", ": ")
