"""One `milepost run` a database."""

import os
import socket
from types import TracebackType

from engine.model.errors import ServiceUnavailable
from engine.store.postgres.connections import Connection
from engine.store.postgres.store import PostgresStore
from engine.store.postgres.transactions import ALONE

_TAKE = "SELECT pg_try_advisory_lock(1836216165, hashtext(current_schema()))"
_HOLDER = "SELECT owner FROM partitions WHERE part = -1"


class RunLock:
    """Held while one process works on the whole store: `with RunLock(store) as mine: …`, where `mine` is the store to
    work on. A second one is refused.

    The lock is the server's, which lets go of it when its connection ends, however that comes about. As a process may
    outlive its connection (the server was restarted), it owns all partitions too: whoever takes the lock next takes
    them over, and the first is `Fenced`.
    """

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._connection: Connection | None = None

    def __enter__(self) -> PostgresStore:
        self._connection = self._store.connect()
        try:
            self._take(self._connection)
            owner = f"process {os.getpid()} on {socket.gethostname()}"
            parts = (ALONE, *range(self._store.partitions))
            return self._store.share({part: self._store.take_over(part, owner) for part in parts})
        except BaseException:
            self._let_go()
            raise

    def _take(self, connection: Connection) -> None:
        if connection.execute(_TAKE).fetchone() == (True,):
            return
        holder = connection.execute(_HOLDER).fetchall()[0][0]
        named = f" ({holder})" if holder else ""  # its name is written after the lock is taken
        raise ServiceUnavailable(
            f"Another milepost run{named} works on {self._store} already.",
            "Stop that one first, or give this one a database of its own by MILEPOST_DATABASE_URL.",
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._let_go()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
