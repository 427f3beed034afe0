"""How often one address may open chats. Messages themselves are never refused for their number:
the one that would be turned away may be the one that matters."""

from __future__ import annotations

import time
from collections import defaultdict, deque

from django.http import HttpRequest

_seen: dict[tuple[str, str], deque[float]] = defaultdict(deque)
_MAX_KEYS = 50_000


def allowed(request: HttpRequest, action: str, per_minute: int) -> bool:
    """Return whether an address may do `action` once more within the minute."""
    now = time.monotonic()
    if len(_seen) > _MAX_KEYS:
        _seen.clear()
    times = _seen[request.META.get("REMOTE_ADDR", ""), action]
    while times and times[0] < now - 60:
        times.popleft()
    if len(times) >= per_minute:
        return False
    times.append(now)
    return True
