"""The spool's file: opened by one process at a time, its schema, its transactions, and what goes wrong with it in words
that say what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.model.errors import ServiceUnavailable

_FORMAT = 1

# `numbers` is how many events the chunk had; those that have left since are null in it, and `events` are left.
_SCHEMA = """
CREATE TABLE waiting (
    first INTEGER PRIMARY KEY, numbers INTEGER NOT NULL, events INTEGER NOT NULL, topic TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE refused (
    number INTEGER PRIMARY KEY, topic TEXT NOT NULL, key BLOB, value BLOB NOT NULL, reason TEXT NOT NULL
);
"""


def open_file(path: Path) -> sqlite3.Connection:
    """The file, locked for this process until it is closed; made if there is none."""
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


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turns what SQLite and the file system say into what the dealer can do about it."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        hint = _HINTS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)  # the primary code
        if hint is None:
            raise
        raise ServiceUnavailable(f"The spool {folder} cannot be used: {error}.", hint) from error
    except OSError as error:
        raise ServiceUnavailable(
            f"The spool {folder} cannot be used: {error.strerror}.",
            "It must be a folder that this user can write to.",
        ) from error


_HINTS = {
    sqlite3.SQLITE_BUSY: "Another process works with it; give each one a spool of its own.",
    sqlite3.SQLITE_FULL: "The disk is full; make room. Nothing that was taken is lost.",
    sqlite3.SQLITE_CANTOPEN: "It must be a folder that this user can write to.",
    sqlite3.SQLITE_READONLY: "It must be a folder that this user can write to.",
    sqlite3.SQLITE_NOTADB: "Its file is no spool; name another folder.",
    sqlite3.SQLITE_CORRUPT: "Its file is damaged: keep it, name another folder, and try sqlite3's .recover.",
    sqlite3.SQLITE_IOERR: "The disk failed to read or write; look at the system's log.",
}
