"""How much a key may do within a minute, in this process: a window that moves, so that nobody gets twice as much at the
turn of a minute."""

import time
from math import ceil

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException

WINDOW_S = 60


class Limits:
    """For the one thread that answers."""

    def __init__(self, events: int, requests: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._items = {
            "events": RateLimitItemPerMinute(events),
            "requests": RateLimitItemPerMinute(requests),
        }

    def count(self, what: str, key_id: str, number: int = 1) -> dict[str, str]:
        """Notes `number` `requests` or `events` of a key. Returns what the answer tells of it as headers; raises
        `HTTPException` where it is too much: 429, or 413 where it will always be; then none of them counts."""
        item = self._items[what]
        if number > item.amount:
            raise HTTPException(413, f"No more than {item.amount} {what} a minute are taken by one key.")
        if self._limiter.hit(item, key_id, cost=number):
            return self._told(what, key_id)
        told = self._told(what, key_id)
        detail = f"No more than {item.amount} {what} a minute are taken by one key. Bring them again later."
        raise HTTPException(429, detail, {**told, "retry-after": str(self._wait_s(what, key_id))})

    def _told(self, what: str, key_id: str) -> dict[str, str]:
        item = self._items[what]
        left = self._limiter.get_window_stats(item, key_id).remaining
        return {
            "ratelimit-policy": f'"{what}";q={item.amount};w={WINDOW_S}',
            "ratelimit": f'"{what}";r={left};t={self._wait_s(what, key_id)}',
        }

    def _wait_s(self, what: str, key_id: str) -> int:
        """Until the oldest of what counts does no more."""
        stats = self._limiter.get_window_stats(self._items[what], key_id)
        return min(max(ceil(stats.reset_time - time.time()), 1), WINDOW_S)
