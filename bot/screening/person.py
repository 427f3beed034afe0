"""Who writes: the language of a message, and whether the writer says they are under eighteen."""

from __future__ import annotations

from typing import Sequence

_SPANISH = frozenset(
    "que de la el no se me mi los las un una por con para como pero esta estoy tengo quiero quisiera es muy mas "
    "ya si yo te lo le su del al porque cuando donde todo nada hace hay ser son soy tiene puedo puede nunca "
    "siempre hoy ayer noche dolor vida morir matar hijo hija esposo mama papa ayuda favor gracias hola cuanto "
    "cuesta siento ketamina tome pastillas sangre respirar pecho anos estas vivir ganas solo sola mejor sin "
    "quien mismo misma cita necesito quitar miedo casa alguien".split())
_ENGLISH = frozenset(
    "the i to and you a it my is of that in for on have me not do be this what with are so just can was but "
    "want how am going at get up all out if about when your we there they will would know been really".split())
# Words of both languages say nothing when they stand alone: "no" is what many an English message is.
_BOTH = frozenset("no me a solo sin son mama papa sola".split())


def language(words: Sequence[str]) -> str:
    """Return "es" or "en", whichever has more of its small words; English when in doubt."""
    spanish = sum(word in _SPANISH for word in words)
    if _BOTH.issuperset(word for word in words if word in _SPANISH):
        spanish = 0
    english = sum(word in _ENGLISH for word in words)
    return "es" if spanish > english else "en"
