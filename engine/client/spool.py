"""Events on their way, on this machine's disk: one SQLite file in a folder of its own.

Why SQLite and not a file of our own: it has been through more crashes than we could think of, its pages are used
again (so the file stays near the limit, however many events pass), and its lock goes with the process that holds it,
however that ends, on every system that dealers have.

Laws
1. When `append` returns, its events are on the disk (WAL, `synchronous=FULL`: one fsync). Threads that append at
   the same moment share one; so do all events of one call.
2. Numbers grow in the order of appending, across restarts; `after` gives events in that order.
3. What the broker has acknowledged leaves with the next append, or when the client is idle: without an fsync of its
   own. After a power cut it may therefore be sent again, under the same id.
4. One process works with a spool; another is refused. It holds personal data: only its owner can read it, and what
   was sent is wiped off it when the client closes with nothing left.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from engine.model.errors import MilepostError, ServiceUnavailable, UsageError

FILE = "spool.db"
SMALLEST_LIMIT_BYTES = 4 * 1024 * 1024
"""So that the largest event, and the largest batch, always fits into an empty spool."""

_OVERHEAD_BYTES = 64  # of a row, about
_FORMAT = 1

_SCHEMA = """
CREATE TABLE waiting (number INTEGER PRIMARY KEY, topic TEXT NOT NULL, key BLOB, value BLOB NOT NULL);
CREATE TABLE refused (
    number INTEGER PRIMARY KEY, topic TEXT NOT NULL, key BLOB, value BLOB NOT NULL, reason TEXT NOT NULL
);
"""
_SIZES = """
SELECT count(*), coalesce(sum(length(value) + coalesce(length(key), 0)), 0), coalesce(max(number), 0) FROM waiting
"""


class SpoolFull(MilepostError):  # noqa: N818 - named for what it tells the dealer
    """There is no room for more events before some have been sent."""


class Entry(NamedTuple):
    """A record for the broker."""

    topic: str
    key: bytes | None
    value: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.value) + len(self.key or b"") + _OVERHEAD_BYTES


class Row(NamedTuple):
    number: int
    entry: Entry


class _Append:
    """Entries that wait to be written; the first of them gets the number `first`."""

    def __init__(self, entries: Sequence[Entry], numbered: Callable[[int], None]) -> None:
        self.entries = entries
        self.numbered = numbered
        self.size_bytes = sum(one.size_bytes for one in entries)
        self.first = 0
        self.error: Exception | None = None
        self.done = False


class Spool:
    """A spool in `folder`, of at most `limit_bytes` of events. Raises `ServiceUnavailable` where the folder cannot
    be used, or another process works with it, `UsageError` for a limit that is too small."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        if limit_bytes < SMALLEST_LIMIT_BYTES:
            raise UsageError(
                f"A spool of {limit_bytes} bytes is too small: it needs {SMALLEST_LIMIT_BYTES} at least."
            )
        self.folder = folder
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._appends: deque[_Append] = deque()
        self._leaving: list[int] = []
        self._closed = False
        with self._translated():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = _open(folder / FILE)
            self.events, size_bytes, last = self._db.execute(_SIZES).fetchone()
            [(self.refused, last_refused)] = self._db.execute(
                "SELECT count(*), coalesce(max(number), 0) FROM refused"
            ).fetchall()
        self.size_bytes = size_bytes + self.events * _OVERHEAD_BYTES
        self._next: int = max(last, last_refused) + 1
        self._first_own, self.earlier = self._next, self.events

    @property
    def last(self) -> int:
        """The highest number given so far."""
        return self._next - 1

    def append(self, entries: Sequence[Entry], numbered: Callable[[int], None]) -> None:
        """Writes all of `entries`, or none. `numbered` is told the number of the first before anybody can read them.
        Raises `SpoolFull`."""
        mine = _Append(entries, numbered)
        self._appends.append(mine)
        with self._lock:
            if self._closed:
                raise UsageError("The client is closed: it takes no more events.")
            if not mine.done:  # else who had the lock before has written it too
                self._write()
        if mine.error is not None:
            raise mine.error

    def after(self, number: int, most_bytes: int) -> list[Row]:
        """The next events after `number`, at least one if there is any, and else up to `most_bytes`."""
        rows: list[Row] = []
        with self._lock, self._translated():
            found = self._db.execute(
                "SELECT number, topic, key, value FROM waiting WHERE number > ? ORDER BY number", (number,)
            )
            for one, topic, key, value in found:
                rows.append(Row(one, Entry(topic, key, value)))
                most_bytes -= len(value)
                if most_bytes <= 0:
                    break
            found.close()
        return rows

    def leave(self, sizes_bytes: Iterable[tuple[int, int]]) -> None:
        """These (number, size) have been acknowledged; see law 3."""
        with self._lock:
            for number, size_bytes in sizes_bytes:
                self._leaving.append(number)
                self._without(number, size_bytes)

    def refuse(self, row: Row, reason: str) -> None:
        """Sets aside what the broker will never take."""
        with self._lock, self._translated(), self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?)", (row.number, *row.entry, reason)
            )
            self._db.execute("DELETE FROM waiting WHERE number = ?", (row.number,))
            self.refused += 1
            self._without(row.number, row.entry.size_bytes)

    def _without(self, number: int, size_bytes: int) -> None:
        self.events -= 1
        self.size_bytes -= size_bytes
        if number < self._first_own:
            self.earlier -= 1

    def settle(self) -> None:
        """Writes what `leave` was told."""
        with self._lock:
            if self._leaving:
                self._write()

    def close(self) -> None:
        with self._lock, self._translated():
            self._closed = True
            self._write()
            if not self.events and not self.refused:
                self._db.execute("VACUUM")
            self._db.close()

    def _write(self) -> None:
        """One transaction for all that waits to be written; with the lock held."""
        appends = [self._appends.popleft() for _ in range(len(self._appends))]
        leaving, self._leaving = self._leaving, []
        size_bytes = self.size_bytes
        fitting = []
        for one in appends:
            size_bytes += one.size_bytes
            if size_bytes > self._limit_bytes:
                size_bytes -= one.size_bytes
                one.error = self._full()
                continue
            one.first, self._next = self._next, self._next + len(one.entries)
            one.numbered(one.first)
            fitting.append(one)
        try:
            with self._translated(), self._transaction():
                self._db.executemany("DELETE FROM waiting WHERE number BETWEEN ? AND ?", _runs(leaving))
                for one in fitting:
                    self._db.executemany(
                        "INSERT INTO waiting VALUES (?, ?, ?, ?)",
                        ((at, *entry) for at, entry in enumerate(one.entries, one.first)),
                    )
            self.events += sum(len(one.entries) for one in fitting)
            self.size_bytes = size_bytes
        except BaseException as error:
            self._leaving[:0] = leaving
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

    def _full(self) -> SpoolFull:
        return SpoolFull(
            f"The spool {self.folder} holds {self.events} events that the broker has not taken yet; its limit of "
            f"{self._limit_bytes} bytes leaves no room for more.",
            "See why the broker takes none, or allow the spool more (spool_limit_bytes).",
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turns what SQLite and the file system say into what the dealer can do about it."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            hint = _HINTS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)  # the primary code
            if hint is None:
                raise
            raise ServiceUnavailable(f"The spool {self.folder} cannot be used: {error}.", hint) from error
        except OSError as error:
            raise ServiceUnavailable(
                f"The spool {self.folder} cannot be used: {error.strerror}.",
                "It must be a folder that this user can write to.",
            ) from error


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """`3 1 2 7` as `1 3`, `7 7`: most of what leaves came one after another."""
    first = last = None
    for number in sorted(numbers):
        if first is None or last is None:
            first = number
        elif number != last + 1:
            yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


_HINTS = {
    sqlite3.SQLITE_BUSY: "Another process works with it; give each one a spool of its own.",
    sqlite3.SQLITE_FULL: "The disk is full; make room. Nothing that was taken is lost.",
    sqlite3.SQLITE_CANTOPEN: "It must be a folder that this user can write to.",
    sqlite3.SQLITE_READONLY: "It must be a folder that this user can write to.",
    sqlite3.SQLITE_NOTADB: "Its file is no spool; name another folder.",
    sqlite3.SQLITE_CORRUPT: "Its file is damaged: keep it, name another folder, and try sqlite3's .recover.",
    sqlite3.SQLITE_IOERR: "The disk failed to read or write; look at the system's log.",
}


def _open(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    db = sqlite3.connect(
        path,
        timeout=0,  # whoever has it keeps it
        isolation_level=None,  # transactions begin and end where we say
        check_same_thread=False,  # used with the spool's lock held
    )
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN IMMEDIATE")
        [(made,)] = db.execute("PRAGMA user_version").fetchall()
        if made == 0:
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {_FORMAT}")
        db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    if made > _FORMAT:
        db.close()
        raise ServiceUnavailable(
            f"The spool {path.parent} was made by a newer version.", "Use that one to send what it holds."
        )
    return db
