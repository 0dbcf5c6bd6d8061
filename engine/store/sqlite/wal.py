"""Keeping the write-ahead log bounded.

Changes go to the log first (`<file>-wal`); a checkpoint copies them into the database. Left alone the log
grows as long as anybody reads; checkpointed at every commit, each page is copied again and again. So SQLite's
own checkpoints are off, and the writer makes one between two units when the log holds `LIMIT_BYTES`: rarely
enough that a page changed often is copied once. The log is then started over in place: cut off and grown anew
instead, checkpoints cost half as much again and commits a quarter more (128 MB, 500 customers a unit).

It is done in the mode RESTART, which takes the write lock. Before SQLite 3.51.3 a checkpoint that runs beside
a commit can, very rarely, lose pages (the "WAL-reset bug" of sqlite.org/wal.html); under the write lock
there is nothing beside it. That is why there is no background thread here.
"""

import os
import sqlite3
from pathlib import Path

LIMIT_BYTES = 128 << 20
WAIT_MS = 1000
"""How long a checkpoint waits for readers of an old state."""

_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
# What every frame of the present round carries, in the log's header and in the frame's (sqlite.org/fileformat2,
# section 4.1).
_SALT = slice(16, 24)
_FRAME_SALT = slice(8, 16)


class WriteAheadLog:
    """The log of the database at `path`."""

    def __init__(self, path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._path = path.with_name(f"{path.name}-wal")
        self._limit_bytes = limit_bytes
        self._patience_bytes = limit_bytes

    def tend(self, connection: sqlite3.Connection) -> None:
        """Checkpoints, if the log is long. Not within a transaction. While somebody reads an old state the
        log cannot be started over; it is tried again when it has grown by as much again."""
        if not self.is_long():
            return
        mode = "TRUNCATE" if self._path.stat().st_size > 4 * self._limit_bytes else "RESTART"
        patience_ms = connection.execute("PRAGMA busy_timeout").fetchone()[0]
        connection.execute(f"PRAGMA busy_timeout = {min(patience_ms, WAIT_MS)}")
        try:
            busy = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()[0]
        finally:
            connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
        self._patience_bytes = self._patience_bytes + self._limit_bytes if busy else self._limit_bytes

    def is_long(self) -> bool:
        """Whether the present round has come to the limit. The size of the file does not tell, as a log that
        was started over keeps it; but the frame that lies at the limit is of this round or of an older
        one."""
        try:
            file = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            header = os.pread(file, _HEADER_BYTES, 0)
            if len(header) < _HEADER_BYTES:
                return False
            page_bytes = int.from_bytes(header[8:12], "big")
            frame_bytes = _FRAME_HEADER_BYTES + page_bytes
            place = _HEADER_BYTES + self._patience_bytes // frame_bytes * frame_bytes
            frame = os.pread(file, _FRAME_HEADER_BYTES, place)
            return len(frame) == _FRAME_HEADER_BYTES and frame[_FRAME_SALT] == header[_SALT]
        finally:
            os.close(file)
