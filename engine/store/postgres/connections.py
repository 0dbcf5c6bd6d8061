"""Connections to one database: lent for a unit or a question, and kept for the next.

There are as many as threads were at work at once, at most. When one is lost, those that lie idle are let go of with
it, as they have most likely met the same end. What fails as the first thing on a connection that lay idle has done
nothing yet, and is begun again on a new one: so a server may be restarted, and hardly anybody notices.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg.pq import Format, TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper
from psycopg.types.string import StrBinaryDumper

from engine.model.errors import ServiceUnavailable
from engine.store.postgres.address import Address
from engine.store.postgres.arrays import Texts, plain, register
from engine.store.postgres.troubles import translated

Connection = psycopg.Connection[tuple[Any, ...]]
T = TypeVar("T")

# It warns of what it meets while it lets go of a connection, and names the values of the rows concerned.
logging.getLogger("psycopg").setLevel(logging.ERROR)


class Timeouts(NamedTuple):
    """How long others may be in the way, in milliseconds.

    `idle_ms`: a unit in which nothing is asked for so long is ended by the server, so that a process which was stopped
    in the middle of one holds up nobody for longer; nor does the former owner of a partition hold up the next one.
    `lock_ms`: how long a unit waits for another one's lock."""

    idle_ms: int = 15_000
    lock_ms: int = 30_000


_ALWAYS: Mapping[str, str] = {
    "default_transaction_isolation": "read committed",
    "client_min_messages": "error",
    # Planned anew each time, as a plan that is kept from when a table was empty would be used until somebody analyses
    # it; and for the fewest rows to come by, as it is by indexes that all is found.
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "off",
    "cpu_tuple_cost": "1",
    "random_page_cost": "0.01",
    "seq_page_cost": "0.01",
    "jit": "off",
}
_SET = "SELECT set_config(name, value, false) FROM unnest(%(names)b, %(values)b) AS s (name, value)"

# What was committed must outlive the server, as the broker's offset is let go of after it. A stricter setting stays.
_KEEP_COMMITS = """
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""


class Text(StrBinaryDumper):
    def dump(self, obj: str) -> bytes:
        return plain(obj).encode()


class Cursor(psycopg.Cursor[tuple[Any, ...]]):
    """Takes answers as they are stored: as text, documents would come in twice the bytes."""

    def __init__(self, connection: Any, *, row_factory: Any = None) -> None:
        super().__init__(connection, row_factory=row_factory)
        self.format = Format.BINARY


class Connections:
    """`on_open` looks a new connection over before it is lent for the first time."""

    def __init__(
        self, address: Address, timeouts: Timeouts, on_open: Callable[[Connection], None] = lambda _: None
    ) -> None:
        self.address = address
        self._settings = {
            **_ALWAYS,
            "idle_in_transaction_session_timeout": str(timeouts.idle_ms),
            "lock_timeout": str(timeouts.lock_ms),
        }
        self._on_open = on_open
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lent(self, begin: Callable[[Connection], T]) -> Iterator[tuple[Connection, T]]:
        """A connection, and what `begin` gave, which is done first, and perhaps twice. What PostgreSQL says against
        anything comes out as in `troubles`."""
        with translated(self.address):
            connection, begun = self._begun(begin)
            try:
                yield connection, begun
            finally:
                self._give_back(connection)

    def ask(self, question: Callable[[Connection], T]) -> T:
        """What a question gives that may be asked twice."""
        with self.lent(question) as (_connection, answer):
            return answer

    def _begun(self, begin: Callable[[Connection], T]) -> tuple[Connection, T]:
        connection = self._kept()
        if connection is not None:
            try:
                return connection, begin(connection)
            except psycopg.OperationalError:
                self._give_back(connection)
                if not is_lost(connection):
                    raise
            except BaseException:
                self._give_back(connection)
                raise
        connection = self.open()
        try:
            return connection, begin(connection)
        except BaseException:
            self._give_back(connection)
            raise

    def _kept(self) -> Connection | None:
        with self._lock:
            if self._closed:
                raise ServiceUnavailable(f"The store on {self.address} was closed.")
            return self._idle.pop() if self._idle else None

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if not self._closed and connection.info.transaction_status == TransactionStatus.IDLE:
                self._idle.append(connection)
                return
            let_go = [connection]
            if is_lost(connection):
                let_go += self._idle
                self._idle = []
        for one in let_go:
            one.close()

    def open(self) -> Connection:
        """A new connection, which is the caller's to close."""
        connection: Connection = psycopg.connect(
            self.address.conninfo, autocommit=True, prepare_threshold=0, cursor_factory=Cursor
        )
        try:
            connection.adapters.register_dumper(str, Text)
            # Whatever its size, so that a statement is always the same one.
            connection.adapters.register_dumper(int, Int8BinaryDumper)
            register(connection)
            settings = {"names": Texts(self._settings), "values": Texts(self._settings.values())}
            connection.execute(_SET, settings)
            connection.execute(_KEEP_COMMITS)
            self._on_open(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Lets go of those that lie idle; those that are lent are closed when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def is_lost(connection: Connection) -> bool:
    """Whether nothing can be done with it any more."""
    return connection.closed or connection.broken
