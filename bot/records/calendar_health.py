"""Can the staff's own calendars be read, and who is told when they cannot?"""

from __future__ import annotations

from bot.records.models import CalendarState
from bot.settings import Clinic, Service


def is_down(clinic: Clinic, service: Service) -> bool:
    """Return whether a calendar that a service depends on cannot be read, so that times are to be confirmed."""
    with_calendar = [member.id for member in clinic.staff if member.calendar and member.id in service.staff]
    return (
        bool(with_calendar) and CalendarState.objects.filter(staff__in=with_calendar).exclude(down_since=None).exists()
    )
