"""Hours as a clinic writes them: `09:00-17:00` by day of the week."""

from __future__ import annotations

from datetime import time

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def checked_hours(value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return hours by day of the week as they were given; raises `ValueError`."""
    for day, spans in value.items():
        if day not in WEEKDAYS:
            raise ValueError(f"{day!r} is not a day of the week")
        for each in spans:
            span(each)
    return value


def clock_span(text: str) -> tuple[time, time]:
    """Return the two clock times of a span that may go over midnight; raises `ValueError`."""
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise ValueError(f"{text!r} is not of the form 20:00-08:30") from error
    return start, end


def span(text: str) -> tuple[time, time]:
    """Return the two clock times of a span within one day; raises `ValueError`."""
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise ValueError(f"{text!r} is not of the form 09:00-17:00") from error
    if start >= end:
        raise ValueError(f"{text!r} ends before it starts")
    return start, end
