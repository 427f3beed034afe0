"""The approved correction blocks, and which of them a reply carries."""

from __future__ import annotations

from pathlib import Path
from typing import Collection, Sequence

from .files import read_yaml
from .model import Caveat

STATUS = "K-FDA"
CRISIS = "K-CRISIS"
SAFETY = "K-SAFE"
CAP = 2
CAP_WITH_CRISIS = 3


def read_caveats(path: Path) -> dict[str, Caveat]:
    """Return the blocks by key; raises `KnowledgeError`."""
    return {
        key: Caveat(key, " ".join(str(block["text"]).split()), str(block.get("sources", "")))
        for key, block in (read_yaml(path).get("caveats") or {}).items()
    }


def choose(wanted: Sequence[str], *, first: bool = False, shown: Collection[str] = ()) -> tuple[str, ...]:
    """Return the keys that a reply carries, most specific first.

    At most two, three with K-CRISIS. `first` (the conversation's first ketamine answer) brings
    K-FDA. What is in `shown` is not said again, except the leading block, which the answer
    cannot do without, and those that the rules attach every time.
    """
    keys = list(dict.fromkeys(wanted))
    if first and STATUS not in keys:
        keys.append(STATUS)
    always = {STATUS, CRISIS, SAFETY} & set(keys) | set(keys[:1])
    keys = [key for key in keys if key in always or key not in shown]
    cap = CAP_WITH_CRISIS if CRISIS in keys else CAP
    must = [key for key in (CRISIS, SAFETY) if key in keys]
    if first:
        must.append(STATUS)
    room = cap - len(must)
    picked = set(must[:cap]) | set([key for key in keys if key not in must][:max(room, 0)])
    return tuple(key for key in keys if key in picked)
