"""What was read, into the store: events and refused inputs together, a batch a transaction."""

from engine.model.diagnostics import Rejection
from engine.model.events import Event
from engine.runtime.advance import Advance, Taken
from engine.runtime.fan_outs import CHUNK
from engine.runtime.rejections import rejection_row


class Feed:
    """Give it events and rejections in the order in which they were read, and `flush` at the end. `taken` is
    what became of the events of the batches that are done."""

    def __init__(self, advance: Advance) -> None:
        self._advance = advance
        self._events: list[Event] = []
        self._refused: list[Rejection] = []
        self._mended: list[tuple[bytes, str]] = []
        self.taken = Taken()

    def event(self, event: Event, *, mends: str = "") -> None:
        """`mends` is the id of the refused input that it is the mended form of, which then leaves the list."""
        self._events.append(event)
        if mends:
            self._mended.append((event.key, mends))
        self._flush_if_full()

    def rejection(self, rejection: Rejection) -> None:
        self._refused.append(rejection)
        self._flush_if_full()

    def _flush_if_full(self) -> None:
        if len(self._events) + len(self._refused) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Takes in what was given so far, durably. A crash before its end leaves nothing of the batch."""
        if not self._events and not self._refused:
            return
        now = self._advance.now()
        rows = [rejection_row(one, now) for one in self._refused]
        self.taken.add(self._advance.take(self._events, rows, retried=self._mended))
        self._events, self._refused, self._mended = [], [], []
