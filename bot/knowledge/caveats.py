"""The approved correction blocks, and which of them a reply carries."""

from __future__ import annotations

from pathlib import Path
from typing import Collection, Sequence

from .files import read_yaml
from .model import STATUS, Caveat

CRISIS = "K-CRISIS"
CAP = 2
CAP_WITH_CRISIS = 3


def read_caveats(path: Path) -> dict[str, Caveat]:
    """Return the blocks by key, each with the names of the documents it rests on; raises `KnowledgeError`."""
    content = read_yaml(path)
    documents = content.get("documents") or {}
    return {
        key: Caveat(key, " ".join(str(block["text"]).split()),
                    tuple(documents[name] for name in map(str.strip, str(block.get("sources", "")).split(","))
                          if name in documents))
        for key, block in (content.get("caveats") or {}).items()
    }


def choose(
    own: Sequence[str], *, imported: Sequence[str] = (), demanded: Collection[str] = (), first: bool = False,
    shown: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the keys that a reply carries, most specific first: at most two, three with K-CRISIS.

    `own` are the answer's blocks, most specific first; `imported` those that its articles bring along,
    since they name no risk themselves. `first` (the conversation's first ketamine answer) brings K-FDA.
    What is in `shown` is not said again, unless it is `demanded` or K-CRISIS.
    """
    again = {CRISIS, *demanded}
    fresh = [key for key in dict.fromkeys(own) if key in again or key not in shown]
    imported = [key for key in imported if key not in shown]
    order = list(dict.fromkeys([*fresh, *imported, *([STATUS] if first else [])]))
    # What has to be said first: help, the status of the drug, what is closest to the question.
    ranks = [key for key in (CRISIS, STATUS) if key in order and (key == CRISIS or first or key in demanded)]
    ranks += [key for key in [*fresh[:1], *imported, *fresh] if key not in ranks]
    kept = set(list(dict.fromkeys(ranks))[:CAP_WITH_CRISIS if CRISIS in order else CAP])
    return tuple(key for key in order if key in kept)
