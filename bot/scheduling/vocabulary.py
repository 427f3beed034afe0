"""The words for days and hours, and a text made ready to be searched for them."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

WORDS = Path(__file__).resolve().parents[2] / "data" / "booking" / "when.yml"
NUMBERS = {word: str(number) for number, words in enumerate((
    "", "two dos", "three tres", "four cuatro", "five cinco", "six seis", "seven siete", "eight ocho",
    "nine nueve", "ten diez", "eleven", "twelve doce"), 1) for word in words.split()}
NUMBERS |= {"fifteen": "15", "twenty": "20", "thirty": "30", "forty-five": "45", "fortyfive": "45"}
ORDINALS = {"first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th",
            "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th", "eleventh": "11th",
            "twelfth": "12th", "fifteenth": "15th", "twentieth": "20th", "primero": "1st"}
# What is mended when misspelt; shorter words are too easily something else.
_MENDED = ("monday tuesday wednesday thursday friday saturday sunday tomorrow morning afternoon evening weekend january february "
           "september october november december miercoles viernes sabado domingo manana whenever anytime flexible appointment consultation "
           "schedule").split()
# As people text them.
_SHORT = {"nxt": "next", "wk|wek|weeek": "week", "wks": "weeks", "b4|bfore": "before", "aftr": "after", "2day|tday": "today",
          "2nite|tonite|2night": "tonight", "b/w|btw(?= [0-9])": "between", "a fortnight|fortnight": "2 weeks",
          "nite|nites": "night", "mrng|morn": "morning", "aft": "afternoon", "tho": "though", "smth|smthn|sth": "something",
          "teh|hte": "the", "frist|fisrt|firts|fist(?= one)": "first", "secnd|secon|secodn|scond": "second",
          "thrid|thrd|tird": "third", "yse|yess+|ys": "yes", "wrk": "work", "bok|boook|bookk": "book", "frday|firday": "friday"}
_LETTERS = re.compile(r"[a-z]{6,}")
_NEVER_MENDED = frozenset("mondays tuesdays wednesdays thursdays saturdays mornings afternoons evenings weekends "
                          "weekday weekdays sabados domingos mananas warning meaning yesterday appointments consultations "
                          "consulting consultant constipation consolation apartment schedules scheduled scheduling".split())


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """Return `data/booking/when.yml`."""
    data: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    for name in ("any", "any_day", "not_before", "not_after"):
        data[name] = re.sub(r"\|\s+", "|", data[name].strip())
    return data


def plain(text: str) -> str:
    """Return a text in small letters without accents, its apostrophes straight, misspelt days mended."""
    low = unicodedata.normalize("NFKD", text.replace("’", "'").lower())
    low = "".join(letter for letter in low if not unicodedata.combining(letter))
    low = re.sub(r"\b(?:2morrow|2moro+w?|2mrw|2mo|tmrw|tmr|tmw|tom?or+ow|tomm?or+ow)\b", "tomorrow", low)
    for short, word in _SHORT.items():
        low = re.sub(rf"\b(?:{short})(?!\w)", word, low)
    low = re.sub(r"\bthe ([a-z]+) 1(?=\W*$)", r"\1 one", low)  # "the thurs 1"
    low = re.sub(r"\b(first|second|third|last|1st|2nd|3rd|later|earlier) 1\b", r"\1 one", low)
    # "in 4 a consult", "book 4 tomorrow": no hour
    low = re.sub(r"\b(in|book|appt|appointment|something|anything|time|consult|me|us|slot) 4 (?=(?:an?|the|my|me|tomorrow)\b)",
                 r"\1 for ", low)
    low = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", low)
    low = re.sub(r"[–—]", "-", low)
    return re.sub(r"\s+", " ", _LETTERS.sub(_mend, low)).strip()


def _mend(match: re.Match[str]) -> str:
    word = match[0]
    if word in _MENDED or word in _NEVER_MENDED:
        return word
    close = difflib.get_close_matches(word, _MENDED, 1, 0.8)
    # A first letter is hardly ever wrong, and "someday" is no Monday.
    return close[0] if close and close[0][0] == word[0] else word


def in_digits(low: str) -> str:
    """Return a plain text with its numbers in digits ("half past two" stays for the clock to read)."""
    low = re.sub(r"\blas once\b", "las 11", re.sub(r"\bforty five\b", "45", low))
    # "one" is a number only of a clock: "the later one" is not
    low = re.sub(
        r"\b(at|after|before|by|till|until|around|from|to|past|about|between|and|in|las?) (?:one|una)\b(?! (?:day|week|month|of))",
        r"\1 1",
        low,
    )
    low = re.sub(r"\bone (?=thirty|fifteen|forty|o'?clock|[ap]m\b|\d\d\b)", "1 ", low)
    low = re.sub(r"\b(" + "|".join(NUMBERS) + r")\b", lambda match: NUMBERS[match[1]], low)
    month = "|".join(name for names in words()["months"] for name in names)
    low = re.sub(rf"\b(?:{month}) (?:the )?({'|'.join(ORDINALS)})\b",
                 lambda match: match[0].replace(match[1], ORDINALS[match[1]]), low)
    # "2 30" and "two thirty" are a clock's hour and minute
    return re.sub(r"\b(\d{1,2}) (00|15|30|45)\b(?! ?(?:days|weeks|min))", r"\1:\2", low)


def alternatives(names: Iterable[str]) -> str:
    """Return names as one group of a regular expression, longest first."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


@lru_cache(maxsize=1)
def weekday_numbers() -> dict[str, int]:
    """Return each name of a day with its number; Monday is 0."""
    return {name: number for number, names in enumerate(words()["weekdays"]) for name in names}


@lru_cache(maxsize=1)
def month_numbers() -> dict[str, int]:
    """Return each name of a month with its number; January is 1."""
    return {name: number for number, names in enumerate(words()["months"], 1) for name in names}


@lru_cache(maxsize=1)
def parts_of_day() -> dict[str, tuple[time, time]]:
    """Return each name of a part of the day with the first and last start that it allows."""
    return {name: (time.fromisoformat(first), time.fromisoformat(last))
            for name, (first, last) in words()["parts"].items()}
