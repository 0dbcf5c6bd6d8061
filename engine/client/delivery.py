"""What became of an event that was handed to the client."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple
from weakref import ref

import msgspec

from engine.client.events import name_of
from engine.client.spool import Row
from engine.intake.clean import Unusable

log = logging.getLogger("milepost.client")

_FIRST_SWEEP = 1000  # chunks


class State(StrEnum):
    COLLECTED = "collected"  # in a batch that has not been written to the spool yet
    SPOOLED = "spooled"  # safe on this machine's disk
    SENT = "sent"  # acknowledged by the broker, for all of its copies
    REFUSED = "refused"  # never taken by the broker; set aside in the spool


class Settled(NamedTuple):
    """What became of a row of the spool: it is sent where there is no `reason` against it."""

    row: Row
    partition: int | None
    offset: int | None
    reason: str = ""


class Delivery:
    """The handle of one event. `partition` and `offset` tell where in the inbox it is, once it is `sent`; `reason`
    tells why it was `refused`. `notes` are members that could not be used and were set aside (see
    `engine.intake.clean`): the event counts without them.

    A handle that nobody keeps costs nothing; the event is sent all the same.
    """

    __slots__ = ("__weakref__", "_book", "id", "notes", "offset", "partition", "reason", "source", "state")

    def __init__(self, source: str, id: str, notes: tuple[Unusable, ...], book: "Book") -> None:  # noqa: A002
        self.source = source
        self.id = id
        self.notes = notes
        self.state = State.COLLECTED
        self.partition: int | None = None
        self.offset: int | None = None
        self.reason = ""
        self._book = book

    def __repr__(self) -> str:
        return f"<Delivery {self.source} {self.id}: {self.state}>"

    @property
    def done(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state is State.SENT or self.state is State.REFUSED

    def wait(self, timeout_s: float | None = None) -> bool:
        """Waits until it is done; False where that takes longer than `timeout_s`."""
        return self._book.wait_for(lambda: self.done, timeout_s)

    def add_done_callback(self, tell: "Tell") -> None:
        """`tell` is called once, when it is done; at once, if it is. It is called from the client's own thread, which
        sends nothing meanwhile: it should be quick. Its errors are only logged."""
        if not self._book.await_done(self, tell):
            tell(self)


Tell = Callable[[Delivery], None]


class Backlog(msgspec.Struct, frozen=True):
    """What the broker has not acknowledged: how many events, their size, and what is in the way, as far as is known.
    `earlier` of them were left by an earlier process. `refused` is how many it will never take. True while anything
    waits."""

    events: int
    size_bytes: int
    earlier: int = 0
    refused: int = 0
    trouble: str = ""

    def __bool__(self) -> bool:
        return bool(self.events)


class Book:
    """The handles of what is in the spool, by its chunks and numbers. `tell_all` is told of every event that is done,
    those that an earlier process had left among them."""

    def __init__(self, tell_all: Tell | None) -> None:
        self._tell_all = tell_all
        self._news = threading.Condition()
        self._handles: dict[int, list[ref[Delivery]]] = {}
        self._sweep_at = _FIRST_SWEEP
        self._awaited: dict[Delivery, list[Tell]] = {}

    def enter(self, first: int, deliveries: Sequence[Delivery]) -> None:
        """They are the chunk that begins with the number `first`."""
        with self._news:
            self._handles[first] = [ref(one) for one in deliveries]
            if len(self._handles) >= self._sweep_at:
                kept = {chunk: refs for chunk, refs in self._handles.items() if any(one() for one in refs)}
                self._handles, self._sweep_at = kept, max(_FIRST_SWEEP, 2 * len(kept))

    def spooled(self, deliveries: Iterable[Delivery]) -> None:
        with self._news:
            for one in deliveries:
                if one.state is State.COLLECTED:
                    one.state = State.SPOOLED

    def await_done(self, delivery: Delivery, tell: Tell) -> bool:
        """Whether there is something to await; else `tell` is not kept."""
        with self._news:
            if delivery.done:
                return False
            self._awaited.setdefault(delivery, []).append(tell)
            return True

    def settle(self, settled: Sequence[Settled]) -> None:
        """Says what became of them, and tells those who asked."""
        told: list[tuple[Tell, Delivery]] = []
        with self._news:
            for row, partition, offset, reason in settled:
                handle = self._handle(row)
                if handle is None:
                    continue
                handle.partition, handle.offset, handle.reason = partition, offset, reason
                handle.state = State.REFUSED if reason else State.SENT
                if self._tell_all is not None:
                    told.append((self._tell_all, handle))
                if self._awaited:
                    told += [(tell, handle) for tell in self._awaited.pop(handle, ())]
            self._news.notify_all()
        for tell, handle in told:
            try:
                tell(handle)
            except Exception:  # it is theirs, and must not stop what is sent for others
                log.exception("a callback of a delivery failed")

    def _handle(self, row: Row) -> Delivery | None:
        """The handle that somebody keeps; else a new one, if there is anybody to be told."""
        refs = self._handles.get(row.chunk)
        handle = None if refs is None else refs[row.number - row.chunk]()
        if handle is None and self._tell_all is not None:
            return Delivery(*name_of(row.value), (), self)
        return handle

    def left(self, chunks: Iterable[int]) -> None:
        """Those chunks have left the spool: their handles are forgotten, and who waits looks again."""
        with self._news:
            for one in chunks:
                self._handles.pop(one, None)
            self._news.notify_all()

    def wait_for(self, what: Callable[[], bool], timeout_s: float | None) -> bool:
        with self._news:
            return self._news.wait_for(what, timeout_s)
