"""The provider's rate, and trying again for a moment what passes by itself."""

import time
from collections.abc import Callable

from engine.channels.backoff import BACKOFF, Backoff, Tries
from engine.channels.rate import Rate
from engine.model.errors import ServiceUnavailable
from engine.ports import Answer, Outgoing, Room


class Busy(ServiceUnavailable):
    """The provider certainly did not take the message, and may well do so in a moment."""

    def __init__(self, message: str, hint: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(message, hint, retry_after_s=retry_after_s, passing=True)


class Pacing:
    """`per_s` messages a second at most; 0: as many as there are."""

    def __init__(
        self,
        per_s: float,
        backoff: Backoff = BACKOFF,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = Rate(per_s)
        self._backoff = backoff
        self._sleep = sleep

    def room(self) -> Room:
        return self._rate.room()

    def of_group(self, attempt: Callable[[Outgoing], Answer]) -> Callable[[Outgoing], Answer]:
        """For a group that is begun now: what `attempt` answers to each in the end. It is made again while that is
        `Busy` and there is time."""
        since_s = time.monotonic()

        def deliver(outgoing: Outgoing) -> Answer:
            tries = Tries(self._backoff, since_s=since_s)
            while True:
                self._rate.take()
                answer = attempt(outgoing)
                if not isinstance(answer, Busy):
                    return answer
                pause_s = tries.pause_s(answer.retry_after_s)
                if pause_s is None:
                    return answer
                self._sleep(pause_s)

        return deliver
