"""Events on their way, on this machine's disk: one SQLite file in a folder of its own.

Why SQLite and not a file of our own: it has been through more crashes than we could think of, its pages are used
again (so the file stays near the limit, however many events pass), and its lock goes with the process that holds it,
however that ends, on every system that dealers have. What is appended together is one row of it, a chunk: row by row,
SQLite would take longer than the broker, and Python's threads would wait for one another at each.

Laws
1. When `append` returns, its events are on the disk (WAL, `synchronous=FULL`: one fsync). Threads that append at
   the same moment share one; so do all events of one call.
2. Numbers grow in the order of appending, across restarts; `after` gives events in that order.
3. A chunk leaves when all of its events have been acknowledged: with the next append, or when the client is idle,
   without an fsync of its own. After a crash, therefore, some are sent again that had been acknowledged.
4. One process works with a spool; another is refused. It holds personal data: only its owner can read it, and what
   was sent is wiped off it when the client closes with nothing left.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from engine.client.spool_file import open_file, transaction, translated
from engine.model.errors import MilepostError, UsageError

FILE = "spool.db"
SMALLEST_LIMIT_BYTES = 4 * 1024 * 1024
"""So that the largest event, and the largest batch, always fits into an empty spool."""

_OVERHEAD_BYTES = 64  # of a chunk, about
_MOST_FRESH_BYTES = 8 * 1024 * 1024
Record = tuple[bytes | None, bytes]
"""A record's key and value."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[tuple[bytes | None, bytes] | None]).decode


class SpoolFull(MilepostError):  # noqa: N818 - named for what it tells the dealer
    """There is no room for more events before some have been sent."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """An event in the spool; `chunk` is the number of the first that was appended with it."""

    number: int
    chunk: int
    topic: str
    key: bytes | None
    value: bytes


class _Append:
    """A chunk that waits to be written, from the number `first` on; the chunk before it ended with `before`."""

    def __init__(self, topic: str, records: Sequence[Record], numbered: Callable[[int], None]) -> None:
        self.topic = topic
        self.records = records
        self.events = len(records)
        self.body = _encode(records)
        self.size_bytes = len(self.body) + _OVERHEAD_BYTES
        self.numbered = numbered
        self.first = 0
        self.before = 0
        self.error: Exception | None = None
        self.done = False

    @property
    def last(self) -> int:
        return self.first + self.events - 1


class _Chunk:
    """A chunk that has been read: what of it has been acknowledged."""

    def __init__(self, events: int, size_bytes: int) -> None:
        self.events = events
        self.size_bytes = size_bytes
        self.acknowledged: set[int] = set()


class Spool:
    """A spool in `folder`, of at most `limit_bytes` of events. Raises `ServiceUnavailable` where the folder cannot
    be used, or another process works with it, `UsageError` for a limit that is too small.

    What is appended is read from memory by one who keeps up, from the disk by one who does not: who reads does not wait
    for the disk of who appends. `_lock` is for the database and taken first, `_state` for all else.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        if limit_bytes < SMALLEST_LIMIT_BYTES:
            raise UsageError(
                f"A spool of {limit_bytes} bytes is too small: it needs {SMALLEST_LIMIT_BYTES} at least."
            )
        self.folder = folder
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._state = threading.Lock()
        self._appends: deque[_Append] = deque()
        self._fresh: deque[_Append] = deque()
        self._fresh_bytes = 0
        self._read: dict[int, _Chunk] = {}
        self._leaving: set[int] = set()
        self._closed = False
        with translated(self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = open_file(folder / FILE)
            [(chunks, self.events, size_bytes, last)] = self._db.execute(
                "SELECT count(*), coalesce(sum(events), 0), coalesce(sum(length(body)), 0),"
                " coalesce(max(first + numbers - 1), 0) FROM waiting"
            ).fetchall()
            [(self.refused, last_refused)] = self._db.execute(
                "SELECT count(*), coalesce(max(number), 0) FROM refused"
            ).fetchall()
        self.size_bytes: int = size_bytes + chunks * _OVERHEAD_BYTES
        self.last: int = max(last, last_refused)
        """The highest number of what is on the disk, or was."""
        self._next = self.last + 1
        self._first_own, self.earlier = self._next, self.events

    def append(self, topic: str, records: Sequence[Record], numbered: Callable[[int], None]) -> None:
        """Writes all of `records`, or none. `numbered` is told the number of the first before anybody can read them.
        Raises `SpoolFull`."""
        mine = _Append(topic, records, numbered)
        self._appends.append(mine)
        with self._lock:
            if self._closed:
                raise UsageError("The client is closed: it takes no more events.")
            if not mine.done:  # else who had the lock before has written it too
                self._write()
        if mine.error is not None:
            raise mine.error

    def after(self, number: int, most_bytes: int) -> tuple[list[Row], int]:
        """The next chunks after `number`, at least one if there is any, and else up to `most_bytes`, without what has
        been acknowledged; and the number of their last event."""
        rows, at = self._from_memory(number, most_bytes)
        return (rows, at) if at > number else self._from_disk(number, most_bytes)

    def _from_memory(self, number: int, most_bytes: int) -> tuple[list[Row], int]:
        rows: list[Row] = []
        with self._state:
            while self._fresh and most_bytes > 0:
                chunk = self._fresh[0]
                if chunk.first > number and chunk.before > number:
                    break  # there is something between that is only on the disk
                self._fresh.popleft()
                self._fresh_bytes -= chunk.size_bytes
                if chunk.first > number:
                    self._read.setdefault(chunk.first, _Chunk(chunk.events, chunk.size_bytes))
                    rows += [
                        Row(at, chunk.first, chunk.topic, key, value)
                        for at, (key, value) in enumerate(chunk.records, chunk.first)
                    ]
                    number = chunk.last
                    most_bytes -= chunk.size_bytes
        return rows, number

    def _from_disk(self, number: int, most_bytes: int) -> tuple[list[Row], int]:
        chunks = []
        with self._lock, translated(self.folder):
            found = self._db.execute(
                "SELECT first, first + numbers - 1, events, topic, body FROM waiting WHERE first > ? ORDER BY first",
                (number,),
            )
            for one in found:
                chunks.append(one)
                most_bytes -= len(one[-1])
                if most_bytes <= 0:
                    break
            found.close()
        rows: list[Row] = []
        with self._state:
            for first, last, events, topic, body in chunks:
                number = last
                if first in self._leaving:
                    continue
                chunk = self._read.setdefault(first, _Chunk(events, len(body) + _OVERHEAD_BYTES))
                rows += [
                    Row(at, first, topic, *record)
                    for at, record in enumerate(_decode(body), first)
                    if record is not None and at not in chunk.acknowledged
                ]
        return rows, number

    def waiting(self, most: int) -> list[Row]:
        """The oldest events that have not been acknowledged."""
        rows: list[Row] = []
        before, number = -1, 0
        while len(rows) < most and number > before:
            before = number
            more, number = self._from_disk(before, 1)
            rows += more
        return rows[:most]

    def leave(self, rows: Iterable[Row]) -> list[int]:
        """These have been acknowledged; see law 3. Gives the chunks of which nothing is left."""
        with self._state:
            gone = [row.chunk for row in rows if self._acknowledged(row)]
            self._leaving.update(gone)
            return gone

    def refuse(self, row: Row, reason: str) -> None:
        """Sets aside what the broker will never take."""
        with self._lock:
            with translated(self.folder), transaction(self._db):
                self._db.execute(
                    "INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?)",
                    (row.number, row.topic, row.key, row.value, reason),
                )
                self._rewrite(row.chunk, {row.number})
            with self._state:
                self.refused += 1
                if self._acknowledged(row):
                    self._leaving.add(row.chunk)

    def settle(self) -> None:
        """Writes what `leave` was told."""
        with self._lock:
            if self._leaving:
                self._write()

    def close(self) -> None:
        """Writes also which events of chunks that stay have been acknowledged. Closing again does nothing."""
        with self._lock, translated(self.folder):
            if self._closed:
                return
            self._closed = True
            try:
                self._write()
                with transaction(self._db):
                    for first, chunk in self._read.items():
                        if chunk.acknowledged:
                            self._rewrite(first, chunk.acknowledged)
                if not self.events and not self.refused:
                    self._db.execute("VACUUM")
            finally:
                self._db.close()

    def _acknowledged(self, row: Row) -> bool:
        """Whether nothing is left of its chunk now; with the state locked."""
        chunk = self._read[row.chunk]
        chunk.acknowledged.add(row.number)
        self.events -= 1
        if row.number < self._first_own:
            self.earlier -= 1
        if len(chunk.acknowledged) < chunk.events:
            return False
        del self._read[row.chunk]
        self.size_bytes -= chunk.size_bytes
        return True

    def _rewrite(self, first: int, without: set[int]) -> None:
        """The chunk without those events; the others keep their numbers."""
        [(body,)] = self._db.execute("SELECT body FROM waiting WHERE first = ?", (first,)).fetchall()
        left = [None if at in without else one for at, one in enumerate(_decode(body), first)]
        self._db.execute(
            "UPDATE waiting SET events = ?, body = ? WHERE first = ?",
            (sum(one is not None for one in left), _encode(left), first),
        )

    def _write(self) -> None:
        """One transaction for all that waits to be written; with the database locked."""
        appends = [self._appends.popleft() for _ in range(len(self._appends))]
        with self._state:
            leaving = sorted(self._leaving)
            fitting = self._fitting(appends)
        try:
            with translated(self.folder), transaction(self._db):
                self._db.executemany("DELETE FROM waiting WHERE first = ?", ((one,) for one in leaving))
                self._db.executemany(
                    "INSERT INTO waiting VALUES (?, ?, ?, ?, ?)",
                    ((one.first, one.events, one.events, one.topic, one.body) for one in fitting),
                )
            self._written(leaving, fitting)
        except BaseException as error:
            ours = isinstance(error, Exception)
            for one in fitting:
                one.error = (
                    error if isinstance(error, Exception) else MilepostError("The spool was interrupted.")
                )
            if not (fitting and ours):
                raise
        finally:
            for one in appends:
                one.done = True

    def _fitting(self, appends: Sequence[_Append]) -> list[_Append]:
        """Those for which there is room, numbered; the others have their error."""
        size_bytes = self.size_bytes
        fitting = []
        for one in appends:
            if size_bytes + one.size_bytes > self._limit_bytes:
                one.error = self._full()
                continue
            size_bytes += one.size_bytes
            one.first, self._next = self._next, self._next + one.events
            one.numbered(one.first)
            fitting.append(one)
        return fitting

    def _written(self, left: Sequence[int], appended: Sequence[_Append]) -> None:
        with self._state:
            self._leaving.difference_update(left)
            for one in appended:
                one.before, self.last = self.last, one.last
                self.events += one.events
                self.size_bytes += one.size_bytes
                one.body = b""
                if self._fresh_bytes < _MOST_FRESH_BYTES:
                    self._fresh.append(one)
                    self._fresh_bytes += one.size_bytes

    def _full(self) -> SpoolFull:
        return SpoolFull(
            f"The spool {self.folder} holds {self.events} events that the broker has not taken yet; its limit of "
            f"{self._limit_bytes} bytes leaves no room for more.",
            "See why the broker takes none, or allow the spool more (spool_limit_bytes).",
        )
