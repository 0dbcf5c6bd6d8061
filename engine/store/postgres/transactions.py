"""Transactions and questions on a store, or on a share of it.

The steps of a transaction, whose numbers the code repeats:

1. Begin, and lock the rows of the share's partitions against a take-over; where a token is not the one there, somebody
   else owns the partition: `Fenced`.
2. Do what is to be done.
3. Commit. When the connection is lost in this moment, nobody knows whether it was.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import psycopg

from engine.model.announcements import ANNOUNCED
from engine.model.errors import ServiceUnavailable
from engine.ports.partitions import Fenced
from engine.store.postgres.arrays import Numbers, Texts
from engine.store.postgres.connections import Connection, Connections, is_lost
from engine.store.postgres.troubles import DatabaseFault, translated
from engine.store.queries import queries

ALONE = -1
"""The partition whose facts and fan-outs are those of the store as a whole."""

SQL = {name: statement.encode() for name, statement in queries(__package__).items()}


ANNOUNCED_ALL = Texts(sorted(ANNOUNCED))
ANNOUNCED_BY_NOBODY = Texts()


class Scope(NamedTuple):
    """What of a store is worked on: these partitions. `tokens` prove that they are owned, where that is asked for;
    `home` is the one whose facts and fan-outs are meant, None where there are several."""

    parts: Numbers
    tokens: Mapping[int, int]
    home: int | None

    @property
    def announced(self) -> Texts:
        """What becomes of messages that others are to be told: nothing, where one works alone."""
        return ANNOUNCED_BY_NOBODY if self.home == ALONE else ANNOUNCED_ALL


class Transactions:
    """What a store works by. As text it is the database's address, without its secrets."""

    def __init__(self, connections: Connections, scope: Scope, busy: threading.local) -> None:
        self._connections = connections
        self._scope = scope
        self._busy = busy

    def __str__(self) -> str:
        return str(self._connections.address)

    def connect(self) -> Connection:
        """A connection of its own, which is the caller's to close."""
        with translated(self._connections.address):
            return self._connections.open()

    @contextmanager
    def _transaction(self, *, writes_alone: bool = False) -> Iterator[Connection]:
        """`writes_alone`: locks the partitions' rows not against a take-over only, but against all."""
        if getattr(self._busy, "unit", False):
            raise RuntimeError("a unit of work was begun inside another one")
        lock = "lock_tokens_alone" if writes_alone else "lock_tokens"
        self._busy.unit = True
        try:
            with self._connections.lent(partial(self._begin, SQL[lock])) as (connection, _):
                try:
                    yield connection  # 2
                except BaseException:
                    roll_back(connection)
                    raise
                self._commit(connection)
        finally:
            self._busy.unit = False

    def _begin(self, lock: bytes, connection: Connection) -> None:  # 1
        tokens = self._scope.tokens
        with connection.pipeline():
            connection.execute(b"BEGIN", prepare=False)
            found = connection.execute(lock, {"parts": Numbers(tokens)}) if tokens else None
        if found is None:
            return
        present: dict[int, int] = dict(found.fetchall())
        lost = sorted(part for part, token in tokens.items() if present.get(part) != token)
        if lost:
            roll_back(connection)
            raise Fenced(f"Another worker has taken over partition {', '.join(map(str, lost))}.")

    def _commit(self, connection: Connection) -> None:  # 3
        try:
            told = connection.execute(b"COMMIT", prepare=False).statusmessage
        except psycopg.OperationalError as error:
            if not is_lost(connection):
                raise
            raise ServiceUnavailable(
                f"The connection to {self._connections.address} was lost in the moment of a commit; whether it was "
                "made is not known.",
                "Nothing is lost by doing the same again: what was done already is found to be there.",
            ) from error
        if told != "COMMIT":  # whoever did the work went on after an error
            raise went_on()

    def _read(self, name: str, /, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a statement; it sees what is committed."""

        def question(connection: Connection) -> list[tuple[Any, ...]]:
            return connection.execute(SQL[name], parameters).fetchall()

        return self._connections.ask(question)


def went_on() -> DatabaseFault:
    return DatabaseFault("A unit of work failed, went on, and was not committed.")


def roll_back(connection: Connection) -> None:
    if not is_lost(connection):
        try:
            connection.execute(b"ROLLBACK", prepare=False)
        except psycopg.Error:
            connection.close()
