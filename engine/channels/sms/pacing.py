"""The provider's rate, and trying again what passes by itself."""

import time
from collections.abc import Callable

from engine.channels.backoff import BACKOFF, Backoff, Tries
from engine.channels.rate import Rate
from engine.model.errors import ServiceUnavailable
from engine.ports import Answer


class Busy(ServiceUnavailable):
    """The provider certainly did not take the message, and may well do so in a moment."""


class Pacing:
    """`per_s` messages a second at most; 0: as many as there are."""

    def __init__(
        self,
        per_s: float,
        backoff: Backoff = BACKOFF,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = Rate(per_s, sleep=sleep)
        self._backoff = backoff
        self._sleep = sleep

    def deliver(self, attempt: Callable[[], Answer]) -> Answer:
        """What `attempt` answers in the end: it is made again while it is `Busy` and there is time."""
        tries = Tries(self._backoff)
        while True:
            self._rate.wait()
            answer = attempt()
            if not isinstance(answer, Busy):
                return answer
            pause_s = tries.pause_s(answer.retry_after_s)
            if pause_s is None:
                return answer
            if answer.retry_after_s:
                self._rate.rest(answer.retry_after_s)
            self._sleep(pause_s)
