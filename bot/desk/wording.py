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
    "refuse": _("refused"), "clinic": _("about the clinic"), "booking": _("booking"), "handoff": _("with a person"),
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
OUTCOMES = {
    "reached": _("reached"), "left_message": _("left message"), "welfare_check": _("welfare check asked"),
    "handed_to_911": _("handed to 911"), "no_contact": _("no contact information"), "false_alarm": _("false alarm"),
}
REQUESTS = {"open": _("open"), "tried": _("tried, not reached"), "done": _("done")}
CHANNELS = {"web": _("web"), "sms": _("SMS"), "terminal": _("terminal"), "email": _("e-mail"), "webhook": _("webhook")}
READERS = {"lexicon": _("word list"), "classifier": _("likeness to labelled messages"), "context": _("conversation")}
# What the audit calls by a code; one that is not here shows as it is.
ACTIONS = {
    "view": _("view"), "view_queue": _("view queue"), "view_audit": _("view audit"), "view_staff": _("view staff"),
    "view_review": _("view review"), "view_figures": _("view figures"), "view_visit": _("view visit"),
    "view_unanswered": _("view unanswered"), "view_calendar": _("view calendar"), "view_requests": _("view requests"),
    "view_certificate": _("view certificate"), "search": _("search"), "reveal": _("show details"),
    "reply": _("reply"), "take_over": _("take over"), "hand_back": _("hand back"), "note": _("note"),
    "label": _("label"), "unlabel": _("take label off"), "export": _("export"), "export_audit": _("export audit"),
    "acknowledge": _("acknowledge"), "assign": _("give to"), "outcome": _("outcome"), "clear": _("clear block"),
    "review": _("judge"), "regroup": _("group questions"), "erase": _("erase"), "hold": _("legal hold"),
    "release": _("let go of legal hold"), "purge": _("nightly purge"), "refused": _("refused by role"),
    "sign_in": _("sign in"), "sign_out": _("sign out"), "signed_off_idle": _("signed off, idle"),
    "sign_in_failed": _("wrong password"), "code_failed": _("wrong code"), "passkey_failed": _("wrong passkey"),
    "sign_in_throttled": _("too many passwords"), "code_throttled": _("too many codes"),
    "passkey_throttled": _("too many passkeys"), "sso_failed": _("sign-on failed"),
    "app_set_up": _("app set up"), "passkey_made": _("passkey made"), "passkey_removed": _("passkey removed"),
    "password_changed": _("password changed"), "lend_password": _("one-time password"), "reset_app": _("factor reset"),
    "invite": _("invite"), "role": _("role"), "end_account": _("end account"), "open_account": _("open account"),
    "end_session": _("end session"), "sign_off": _("sign somebody off"), "book_visit": _("book visit"),
    "move_visit": _("move visit"), "cancel_visit": _("cancel visit"), "block_time": _("block time"),
    "unblock_time": _("unblock time"), "contact_request": _("settle request"),
}
LANGUAGES = {"en": _("English"), "es": _("Spanish")}


_ALL = (TIERS, CATEGORIES, KINDS, REASONS, SUBJECTS, OUTCOMES, REQUESTS, CHANNELS, READERS, LANGUAGES, ACTIONS)


def in_words(code: str) -> str:
    """Return a code such as `check_in`, `abstain` or `crisis.self_harm` in words; an unknown one without dashes."""
    for known in _ALL:
        if code in known:
            return str(known[code])
    first, _dot, rest = code.partition(".")
    if rest and first in TIERS:
        return f"{TIERS[first]}: {in_words(rest)}"
    return code.replace("_", " ").replace(".", ": ")
