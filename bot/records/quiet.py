"""When a phone may be texted without having asked: not at night, by the clock where it is at home."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.settings import ROOT, Clinic, read_yaml

STEP = timedelta(minutes=5)


def zones_of(phone: str, clinic: Clinic) -> tuple[ZoneInfo, ...]:
    """Return the time zones of a number (E.164), several for an area that spans them; the clinic's when unknown."""
    prefixes = _prefixes()
    digits = phone.lstrip("+")
    for size in range(len(digits), 0, -1):
        if names := prefixes.get(digits[:size]):
            return tuple(ZoneInfo(name) for name in names)
    return (clinic.zone,)


def allowed_from(phone: str, clinic: Clinic, now: datetime) -> datetime:
    """Return `now` when the clinic may text the phone, else when it may (the next five minutes, UTC)."""
    zones = zones_of(phone, clinic)
    if all(_awake(now, zone, clinic) for zone in zones):
        return now
    moment = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0) + STEP
    for _ in range(2 * 24 * 12):
        if all(_awake(moment, zone, clinic) for zone in zones):
            return moment
        moment += STEP
    # Zones so far apart that it is never day in all of them: the first one decides.
    return allowed_from_zone(zones[0], clinic, now)


def allowed_from_zone(zone: ZoneInfo, clinic: Clinic, now: datetime) -> datetime:
    """Return `now` when it is day in a zone, else the end of the quiet hours there."""
    if _awake(now, zone, clinic):
        return now
    local = now.astimezone(zone)
    morning = datetime.combine(local.date(), clinic.texts.quiet_until, zone)
    return morning if morning > local else datetime.combine(
        local.date() + timedelta(days=1), clinic.texts.quiet_until, zone)


def _awake(now: datetime, zone: ZoneInfo, clinic: Clinic) -> bool:
    clock = now.astimezone(zone).time()
    start, end = clinic.texts.quiet_from, clinic.texts.quiet_until
    quiet = start <= clock < end if start <= end else clock >= start or clock < end
    return not quiet


@lru_cache(maxsize=1)
def _prefixes() -> dict[str, tuple[str, ...]]:
    groups = read_yaml(ROOT / "data" / "sms" / "zones.yml")["zones"]
    return {prefix: tuple(names.split()) for names, prefixes in groups.items() for prefix in prefixes}
