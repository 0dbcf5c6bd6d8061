"""Connections to one database file, one a thread."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.model.errors import ServiceUnavailable
from engine.store.sqlite.migrations import migrate

LOCKED_MS = 30_000
"""How long a unit waits for those of other processes before it gives up."""

_CACHE_KB = 65_536
_STATEMENTS = 256
SYNCHRONOUS = ("off", "normal", "full")


class Connections:
    """Gives each thread its connection; the first one brings the schema up to date."""

    def __init__(self, path: Path, synchronous: str, locked_ms: int) -> None:
        if synchronous not in SYNCHRONOUS:
            raise ValueError(f"synchronous is {synchronous!r}; it is one of {', '.join(SYNCHRONOUS)}")
        self._path = path
        self._synchronous = synchronous
        self._locked_ms = locked_ms
        self._own = threading.local()
        self._all: list[sqlite3.Connection] = []
        with self.translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            migrate(self.mine())

    def mine(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._open()
            self._all.append(connection)
        return connection

    @contextmanager
    def synced(self) -> Iterator[None]:
        """What this thread commits within, and all before it, is on the disk when its commit returns."""
        connection = self.mine()
        connection.execute("PRAGMA synchronous = full")
        try:
            yield
        finally:
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")

    def close(self) -> None:
        """Closes them all; the last one to leave a database empties and removes its log."""
        while self._all:
            self._all.pop().close()
        self._own = threading.local()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=self._locked_ms / 1000,
            isolation_level=None,  # transactions begin and end where we say
            check_same_thread=False,  # used by its own thread; closed by whoever closes the store
            cached_statements=_STATEMENTS,
        )
        try:
            self._enter_wal_mode(connection)
            connection.execute("PRAGMA wal_autocheckpoint = 0")  # see `wal`
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
            connection.execute("PRAGMA temp_store = MEMORY")
        except BaseException:
            connection.close()
            raise
        return connection

    def _enter_wal_mode(self, connection: sqlite3.Connection) -> None:
        """The mode is a property of the file. SQLite does not wait for a lock where two processes change a
        new file's mode at the same moment, so we do."""
        give_up = time.monotonic() + self._locked_ms / 1000
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    raise
                time.sleep(0.01)
            else:
                return

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turns what SQLite and the file system say into what the operator can do about it."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise unavailable(self._path, error) from error
        except OSError as error:
            raise ServiceUnavailable(
                f"The database {self._path} cannot be used: {error.strerror}.",
                "See MILEPOST_DATABASE_URL; the folder must be one that this user can write to.",
            ) from error


_HINTS = {
    sqlite3.SQLITE_BUSY: "Another process keeps it locked; see which one, and try again.",
    sqlite3.SQLITE_FULL: "The disk is full; make room, and start again: nothing is lost.",
    sqlite3.SQLITE_CANTOPEN: "See MILEPOST_DATABASE_URL; the folder must be one that this user can write to.",
    sqlite3.SQLITE_READONLY: "This user must be able to write to the file and to its folder.",
    sqlite3.SQLITE_NOTADB: "The file is no SQLite database; see MILEPOST_DATABASE_URL.",
    sqlite3.SQLITE_CORRUPT: "The file is damaged; bring back a copy, or try sqlite3's .recover.",
    sqlite3.SQLITE_IOERR: "The disk failed to read or write; look at the system's log.",
}


def unavailable(path: Path, error: sqlite3.DatabaseError) -> Exception:
    """The operator's trouble, with what to do; or the error itself, where it is ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code
    hint = _HINTS.get(code)
    if hint is None:
        return error
    return ServiceUnavailable(f"The database {path} cannot be used: {error}.", hint)
