"""How often one address or one conversation may ask for something.

Messages are never refused for their number, since the one that would be turned away may be the one that matters:
they are screened at once, help is sent at once, and only an ordinary answer waits.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest

_MAX_KEYS = 50_000
_seen: dict[tuple[str, str], deque[float]] = defaultdict(deque)


def address(request: HttpRequest) -> str:
    """Return where a request comes from, as the proxy in front of us says it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def allowed(request: HttpRequest, action: str, per_minute: int) -> bool:
    """Return whether an address may do `action` once more within the minute."""
    now = time.monotonic()
    if len(_seen) > _MAX_KEYS:
        _seen.clear()
    times = _seen[address(request), action]
    while times and times[0] < now - 60:
        times.popleft()
    if len(times) >= per_minute:
        return False
    times.append(now)
    return True


@dataclass
class Pace:
    """So many at once, and then so many a second; whoever is faster waits, and nobody longer than `longest` seconds."""

    at_once: float
    a_second: float
    longest: float
    clock: Callable[[], float] = time.monotonic
    _owed: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait(self, key: str) -> float:
        """Return the seconds that the next one of `key` has to wait, and count it."""
        now = self.clock()
        if len(self._owed) > _MAX_KEYS:
            self._owed = {each: owed for each, owed in self._owed.items() if self._left(owed, now) > 0}
        used = self._left(self._owed.get(key, (0.0, now)), now) + 1
        # What waits as long as it can is not counted further: patience is bounded, and so is what one owes.
        self._owed[key] = (min(used, self.at_once + self.longest * self.a_second), now)
        return min(max(0.0, (used - self.at_once) / self.a_second), self.longest)

    def _left(self, owed: tuple[float, float], now: float) -> float:
        used, at = owed
        return max(0.0, used - (now - at) * self.a_second)


# People write in bursts. A waiting room, or a proxy that does not say who is behind it, may stand for many people:
# one address has far more room, and still not enough to take the assistant away from everyone else.
MESSAGES = Pace(at_once=30, a_second=1.0, longest=6.0)
MESSAGES_OF_ADDRESS = Pace(at_once=600, a_second=20.0, longest=6.0)
CHATS = Pace(at_once=200, a_second=5.0, longest=5.0)
