"""What PostgreSQL says when something cannot be done, as what the caller can do about it.

| it says | it is |
|---|---|
| two units wait for one another; a lock was waited for too long | `TryAgain` |
| no connection, or no longer; disk full; read only; not allowed; … | `ServiceUnavailable`, with what to do |
| anything else | a fault of ours: the error itself, without the values that it was about |

A connection that dies while a unit commits leaves open whether it was committed. That is `ServiceUnavailable` too:
whoever does the same again finds its events seen, its messages there, and its progress noted, if it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from engine.model.errors import MilepostError, ServiceUnavailable
from engine.ports.errors import TryAgain
from engine.store.postgres.address import Address

_AGAIN = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)

# By SQLSTATE, the class (its first two characters) last.
_HINTS = {
    "28P01": "See the user and password in MILEPOST_DATABASE_URL.",
    "28": "See the user in MILEPOST_DATABASE_URL, and the server's pg_hba.conf.",
    "3D000": "Make the database (createdb), or see its name in MILEPOST_DATABASE_URL; then: milepost migrate",
    "42501": "The user needs SELECT, INSERT, UPDATE and DELETE on all tables; for milepost migrate, to own them.",
    "3F000": "The search_path names no schema that exists; see the user's settings on the server.",
    "53100": "The server's disk is full; make room there: nothing is lost.",
    "53300": "The server takes no more connections; raise its max_connections, or run fewer workers.",
    "53": "The server has too little memory or disk; see its log.",
    "57P03": "It is starting up or shutting down; it is tried again.",
    "57014": "A statement took longer than the server's statement_timeout lets it.",
    "57": "The server was stopped, or ended the connection; it is tried again.",
    "25P03": "The process was stopped, or far too busy, in the middle of a unit of work; nothing of it was done.",
    "25006": "It only lets itself be read; MILEPOST_DATABASE_URL must name the primary, not a standby.",
    "58": "The server cannot read or write its files; see its log.",
    "08": "See MILEPOST_DATABASE_URL, and whether the server runs and can be reached from here.",
}
# What is refused while connecting comes as text alone, in English on most servers.
_REFUSALS = {
    "password": "28P01",
    "authentication": "28",
    "pg_hba": "28",
    "too many": "53300",
    "remaining connection slots": "53300",
    "starting up": "57P03",
    "shutting down": "57P03",
    "database": "3D000",
}


_MOST_TOLD = 400


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Turns what PostgreSQL and the network say into what the operator can do about it."""
    try:
        yield
    except psycopg.Error as error:
        raise trouble(address, error) from None


def trouble(address: Address, error: psycopg.Error) -> Exception:
    """What to raise for it. No text of PostgreSQL's beyond the first line: the others may tell of a person."""
    said = first_line(error)
    if isinstance(error, _AGAIN):
        return TryAgain(f"The database {address} gave way to another unit of work: {said}.")
    hint = _hint(error)
    if hint is not None:
        return ServiceUnavailable(f"The database {address} cannot be used: {said}.", hint)
    return DatabaseFault(f"The database {address} refused a statement: {type(error).__name__}: {said}.")


class DatabaseFault(MilepostError):  # noqa: N818 - named for what it is
    """A statement was wrong, or met something that should not be: our fault."""


def first_line(error: psycopg.Error) -> str:
    """What it says, in a line, without what PostgreSQL adds: the values of the row that it was about."""
    text = error.diag.message_primary or str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    told = " ".join(lines) if lines[0].endswith(":") else lines[0]  # of several hosts, each by itself
    return told[:_MOST_TOLD].rstrip(".")


def _hint(error: psycopg.Error) -> str | None:
    state = error.sqlstate
    if state is None and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        said = str(error)  # it did not get as far as to be given a state
        state = next((state for text, state in _REFUSALS.items() if text in said), "08")
    return None if state is None else _HINTS.get(state) or _HINTS.get(state[:2])
