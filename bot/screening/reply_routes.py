"""Which fixed reply answers which verdict: (tier, category, subject) → the key of a reply.

A category may carry a detail after a dot ("overdose.unresponsive", "abuse.sexual"); an unknown
detail is ignored. Whatever is not known ends at the general texts, which are right for anyone.
"""

from __future__ import annotations

GENERAL = "general"
URGENT_GENERAL = "general_emergency"

_EMERGENCY = {
    "suicide": "suicide_emergency",
    "self_harm": "self_harm_emergency",
    "medical": "medical",
    "adverse_effect": "medical",
    "overdose": "overdose_emergency",
    "substance": "overdose_emergency",
    "violence": "violence",
    "abuse": "abuse_emergency",
    "psychosis": "psychosis_emergency",
    "overdose.awake": "overdose_awake",
    "overdose.unresponsive": "overdose_unresponsive",
}
_EMERGENCY_OTHER = {
    "suicide": "suicide_other_emergency",
    "self_harm": "medical_other",
    "medical": "medical_other",
    "adverse_effect": "medical_other",
    "violence": "violence_other",
    "psychosis": "violence_other",
}
_CRISIS = {
    "suicide": "suicide",
    "self_harm": "self_harm",
    "medical": "medical",
    "overdose": "overdose_awake",
    "violence": "violence",
    "abuse": "abuse",
    "psychosis": "psychosis",
    "substance": "substance",
    "adverse_effect": "adverse_effect",
    "abuse.sexual": "abuse_sexual",
    "abuse.child": "abuse_child",
    "overdose.unresponsive": "overdose_unresponsive",
}
_CRISIS_OTHER = {
    "suicide": "suicide_other",
    "self_harm": "self_harm_other",
    "medical": "medical_other",
    "violence": "violence_other",
    "abuse": "abuse_other",
    "psychosis": "psychosis_other",
    "substance": "substance_other",
    "abuse.sexual": "abuse_sexual",
    "abuse.child": "abuse_child",
}
# In doubt about the body, a doctor or the clinic is asked today; in doubt about the mind, we ask.
_CHECK_IN = {
    **{category: key for category, key in _CRISIS.items() if category not in ("suicide", "medical")},
    "medical": "adverse_effect",
}
_CHECK_IN_OTHER = {
    **{category: key for category, key in _CRISIS_OTHER.items() if category != "suicide"},
    "distress": "check_in_other",
    "suicide": "check_in_other",
    "none": "check_in_other",
}

_BY_TIER = {
    "emergency": (_EMERGENCY, _EMERGENCY_OTHER, URGENT_GENERAL),
    "crisis": (_CRISIS, _CRISIS_OTHER, GENERAL),
    "check_in": (_CHECK_IN, _CHECK_IN_OTHER, "check_in"),
}


def reply_key(tier: str, category: str, subject: str) -> str:
    """Return the key of the reply that fits the verdict; never fails, whatever the strings."""
    bare = category.split(".", 1)[0]
    if subject == "minor" and bare == "abuse" and tier != "emergency" and category != "abuse.sexual":
        category = "abuse.child"
    if subject == "minor" and (bare in ("none", "minor", "") or tier in ("none", "info")):
        return "minor" if tier != "emergency" else URGENT_GENERAL
    if tier == "info":
        return "info_line"
    if tier not in _BY_TIER:
        return GENERAL
    for_self, for_other, default = _BY_TIER[tier]
    table = {**for_self, **for_other} if subject == "other" else for_self
    return table.get(category) or table.get(bare) or default
