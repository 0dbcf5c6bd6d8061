"""Trying again what passes by itself: less and less often, and not all at the same moment.

What is left when that does not help is the sender's affair, which lets the whole lane rest, for longer.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """A request is made `most` times at most, and not begun again later than `deadline_s` after its group was begun:
    about a second, as nobody who withdraws a consent meanwhile is heard. Between two is a pause drawn evenly from
    nothing to `first_s`, then from nothing to twice as long each time (`longest_s` at most), so that those that failed
    together do not come together again."""

    most: int = 4
    first_s: float = 0.2
    longest_s: float = 0.8
    deadline_s: float = 1.0


BACKOFF = Backoff()


class Tries:
    """The tries of one request, of which the first is being made; its group was begun at `since_s` (left out: now) of
    the process's clock, `seconds`. `chance` draws from 0 to 1."""

    def __init__(
        self,
        backoff: Backoff = BACKOFF,
        *,
        since_s: float | None = None,
        chance: Callable[[], float] = random.random,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backoff = backoff
        self._chance = chance
        self._seconds = seconds
        self._until_s = (seconds() if since_s is None else since_s) + backoff.deadline_s
        self.made = 1

    def pause_s(self, retry_after_s: float | None = None) -> float | None:
        """For how long to wait before the next try, at least as long as the provider asks; None: it was tried enough,
        or the provider asks for longer than there is time."""
        if self.made >= self._backoff.most:
            return None
        longest_s = min(self._backoff.longest_s, self._backoff.first_s * 2.0 ** (self.made - 1))
        pause_s = self._chance() * longest_s + (retry_after_s or 0.0)
        if self._seconds() + pause_s > self._until_s:
            return None
        self.made += 1
        return pause_s


def retry_after_s(value: str | None, now: datetime | None = None) -> float | None:
    """The seconds of an HTTP header `Retry-After`, a number or a date (RFC 9110, 10.2.3); None where it is neither.
    `now` is the present moment, else the machine's."""
    if value is None:
        return None
    text = value.strip()
    if text.isdecimal() and text.isascii():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
