"""What a message tells of its writer's life, turned into what it means for a visit: "I get off at 4" is "after 4".

Ages, years and grades at school are taken out: they are no hours and no days of the month.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml

from bot.scheduling.vocabulary import alternatives, weekday_numbers

WORDS = Path(__file__).resolve().parents[2] / "data" / "booking" / "circumstances.yml"
_TIME = (r"(?P<time>(?:las? )?(?:\d{1,2}(?:[:.]\d\d)?(?: y media| y cuarto)?(?: ?[ap]m)?|noon|midday|mediodia|half past \d{1,2})"
         r"(?: de la (?:tarde|manana|noche)| in the (?:morning|afternoon|evening))?)(?![\d/]|th\b|st\b|nd\b|rd\b| (?:days|weeks|kids|hours|minutes|mins)\b)")


def as_constraints(low: str) -> str:
    """Return a plain text, numbers in digits, with commitments said as what they leave free."""
    for pattern, said in _rules():
        low = pattern.sub(partial(_put, said), low)
    return low


def _put(said: str, match: re.Match[str]) -> str:
    """Return what stands for a match: {time} is the hour named, {days} its days, {not} each of its days refused."""
    named = match.groupdict()
    days = re.findall(rf"\b(?:{alternatives(weekday_numbers())})\b", named.get("days") or "")
    return " " + said.replace("{time}", named.get("time") or "").replace("{days}", named.get("days") or "").replace("{not}", ", ".join(f"not {day}" for day in days)) + " "


@lru_cache(maxsize=1)
def circumstances() -> dict[str, Any]:
    """Return `data/booking/circumstances.yml`."""
    data: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _rules() -> list[tuple[re.Pattern[str], str]]:
    day = rf"(?:{alternatives(weekday_numbers())})"
    days = rf"(?P<days>{day}\b(?:(?:, ?|,? and |,? y | ?& ?| ?/ ?| )(?:the |el |los )?{day}\b)*)"
    run = rf"(?P<days>{day}\b(?:(?: and | y | & | ){day}\b)*)"  # "friday, wednesday I have class" refuses one
    busy = f"(?:{'|'.join(circumstances()['busy'].split())})"
    return [(re.compile(pattern.replace("TIME", _TIME).replace("DAYS", days).replace("RUN", run).replace("DAY", day)
                        .replace("BUSY", busy)), said)
            for rule in circumstances()["means"] for pattern, said in rule.items()]
