"""The stream of records between dealers, workers and other systems, as the engine sees it.

A `Stage` does the work of one topic; a worker feeds it whole batches, partition by partition. A `Bus` is what a stage
may ask of the worker that feeds it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from engine.ports.metrics import Metrics

Headers = Sequence[tuple[str, bytes | None]]
"""In the order in which they were written; a name may come more than once."""


class Record(NamedTuple):
    """What was read from a partition, as it was written. A record that has no value has an empty one here."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Headers
    timestamp_ms: int


class Produced(NamedTuple):
    """What is to be written. Records of one key go to one partition, in order; those without a key to any."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers = ()


class Idle(NamedTuple):
    """What came of a call without records. With `more` the stage has more of it to do and is called again soon, at once
    if there are no records: a long work is done in pieces, so that records do not wait for it."""

    produced: Sequence[Produced] = ()
    more: bool = False


class Stage(Protocol):
    """The work of one topic. All calls for one partition come one after another, never two at once:

        assigned → (handle → done | idle)* → revoked

    Those for different partitions may come at once, from several threads; a call may block. Whatever it raises ends the
    worker, except `TryAgain`, and `ServiceUnavailable` of a database that is away: then the call is repeated after a
    short wait, for a while; of `revoked` not even these are raised.
    """

    def assigned(self, partition: int) -> int | None:
        """This worker owns the partition from now on. Returns the offset of the first record that the stage has not
        done, as it keeps it itself, whatever the broker thinks; None where it keeps none."""
        ...

    def handle(self, partition: int, records: Sequence[Record]) -> Sequence[Produced]:
        """All of the batch or, when it raises, nothing. What it returns is written; `done` follows once the broker
        has it all. The same records may come again, at any time after a crash: it is for the stage to notice."""
        ...

    def done(self, partition: int, next_offset: int) -> None:
        """What `handle` returned is with the broker; the next batch begins at `next_offset` or after it."""
        ...

    def idle(self, partition: int) -> Idle:
        """Comes between batches, about every second while the partition is owned, also when no record comes: the place
        for what is due by time. What it returns is written before the next call."""
        ...

    def revoked(self, partition: int) -> None:
        """This worker owns the partition no more. Not called when a worker dies."""
        ...


class Bus(Protocol):
    """The worker that is running; of use from any thread while its stages are."""

    metrics: Metrics

    def publish(self, records: Sequence[Produced]) -> None:
        """Writes records; returns when the broker has them all. `ServiceUnavailable` when it has not taken them in
        time: some may have been written all the same."""
        ...

    def end_offsets(self, topic: str) -> Mapping[int, int]:
        """For each partition of a topic that this worker reads (also those that others own): the offset that the next
        record will have. `ServiceUnavailable` when the broker does not say."""
        ...
