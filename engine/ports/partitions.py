"""A store whose customers are shared out to partitions, each owned by one worker at a time.

A customer belongs to one of N partitions by a hash of its id, the one that its events have in the stream. What a
worker does for a partition it does on the `share` of it: timers, fan-outs, facts and the ledger are those of the
share's partitions alone, while any customer's document may be read and written, because a car changes hands between
partitions. Every unit, claim and settlement of a share first makes sure that its worker still owns the partitions.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from engine.model.announcements import Announcement
from engine.model.errors import MilepostError
from engine.model.events import Event
from engine.model.identity import Identifier
from engine.ports.store import Store, Unit


class Fenced(MilepostError):  # noqa: N818 - named for what one is
    """Another worker has taken the partition over; nothing was done."""


class Progress(NamedTuple):
    """How far a stage of the stream has come in one of its partitions: the offset of the next record, and the latest
    `arrived` among the events before it (None where there was none)."""

    next_offset: int
    arrived: datetime | None


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a journey has made, as other systems are to read it, kept by partition and `number`."""

    partition: int
    number: int
    customer_id: str
    event: Event


class SharedUnit(Unit, Protocol):
    """A unit of a share; `TryAgain` where it met another worker's and one of them had to give way."""

    def learn_new(self, identifiers: Mapping[Identifier, str]) -> dict[Identifier, str]:
        """Makes those of the identifiers that lead to nobody lead to these customers. Returns to whom each leads
        now; waits for other units that learn the same."""
        ...

    def progressed(self, stage: str, partition: int, progress: Progress) -> None:
        """Notes how far a stage has come; never sets it back."""
        ...


class SharedStore(Store, Protocol):
    """`partitions` is how many there are. The store itself, as opened, has them all and asks for no ownership: it is
    for looking, for learning identifiers, and for one process that works alone."""

    partitions: int

    def take_over(self, partition: int, owner: str) -> int:
        """Makes `owner` (a name for people) the partition's worker, once what its former one has under way has ended.
        Returns the token that its share is to be asked for with; every earlier one is worth nothing from now on."""
        ...

    def share(self, tokens: Mapping[int, int]) -> "SharedStore":
        """The store as the worker sees it that owns these partitions, by the tokens that `take_over` gave. Facts and
        fan-outs are of one partition: they can be asked for where it is the only one."""
        ...

    def unit(self) -> AbstractContextManager[SharedUnit]: ...

    def progress(self, stage: str) -> dict[int, Progress]:
        """How far a stage has come in each partition that it has begun."""
        ...

    def follow(self, stage: str, source: str) -> bool:
        """Notes of what a stage's offsets are: of `source`, from now on. Where they were of something else, they mean
        nothing any more, and how far it had come is forgotten. Returns whether that was so."""
        ...

    def count_due(self, until: datetime, limit: int) -> int:
        """How many of the share's customers are due at `until` or before; `limit` at most."""
        ...

    def announcements(self, limit: int) -> list[Announcement]:
        """What has become of the share's messages and was not `announced`, up to `limit`, in the order in which it
        did. Of the store itself nothing: who works alone has nobody to announce it to."""
        ...

    def published(self, limit: int) -> list[Publication]:
        """The share's events that journeys have made and that were not `told`, up to `limit`, in the order in which
        they were. Of the store itself nothing."""
        ...

    def told(self, those: Iterable[Publication]) -> None:
        """They were, for good."""
        ...

    def announced(self, those: Iterable[Announcement]) -> None:
        """They were, for good, and are not kept any longer. Those that are gone already do not matter."""
        ...
