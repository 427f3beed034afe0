"""When may a reminder go out?"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

# A reminder that quiet hours push this close to the visit goes out the evening before instead.
LEAST = timedelta(minutes=90)
MARGIN = timedelta(minutes=30)


def is_quiet(local: datetime, begins: time, ends: time) -> bool:
    """Return whether a local time is in quiet hours, which may go over midnight."""
    at = local.time()
    return begins <= at < ends if begins <= ends else at >= begins or at < ends


def send_at(start: datetime, before: timedelta, begins: time, ends: time, zone: ZoneInfo) -> datetime:
    """Return when to remind of a visit: `before` it, moved out of quiet hours in the patient's zone.

    Moved on to their end; where that is too close to the visit, back to before they begin.
    """
    moment = (start - before).astimezone(zone)
    if begins == ends or not is_quiet(moment, begins, ends):
        return moment
    later = datetime.combine(moment.date(), ends, zone)
    if later <= moment:
        later = datetime.combine(moment.date() + timedelta(days=1), ends, zone)
    if start - later >= LEAST:
        return later
    earlier = datetime.combine(moment.date(), begins, zone)
    if earlier > moment:
        earlier = datetime.combine(moment.date() - timedelta(days=1), begins, zone)
    return earlier - MARGIN
