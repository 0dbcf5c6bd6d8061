"""Who is who, in SQLite."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator

from engine.model.disputes import Dispute, DisputeStatus
from engine.ports import MessageRow
from engine.store import rows
from engine.store.codec import decode_dispute, moved_message, moved_task, to_text
from engine.store.pages import dispute_pages
from engine.store.queries import queries
from engine.store.sqlite.connections import Connections


class IdentifyingUnit:
    """The unit's part; `_connection` is the unit's."""

    __slots__ = ()

    _connection: sqlite3.Connection

    def move_customer(self, old: str, into: str) -> None:
        connection, sql, asked = self._connection, queries(__package__), {"old": old, "into": into}
        connection.execute(sql["move_owners"], asked)
        connection.execute(sql["move_events"], asked)
        found = connection.execute(sql["messages_to_move"], asked).fetchall()
        connection.executemany(
            sql["move_message"], [(into, moved_message(body, into), one) for one, body in found]
        )
        found = connection.execute(sql["tasks_to_move"], asked).fetchall()
        connection.executemany(sql["move_task"], [(into, moved_task(body, into), one) for one, body in found])

    def waiting_messages(self, customer_ids: Collection[str]) -> list[MessageRow]:
        asked = {"ids": to_text(list(customer_ids))}
        found = self._connection.execute(queries(__package__)["waiting_messages"], asked)
        return [rows.to_message(row) for row in found]

    def skip_merged(self, ids: Collection[str]) -> None:
        self._connection.execute(queries(__package__)["skip_merged"], {"ids": to_text(list(ids))})

    def disputes_of(self, customer_ids: Collection[str]) -> list[Dispute]:
        asked = {"ids": to_text(list(customer_ids))}
        found = self._connection.execute(queries(__package__)["disputes_of"], asked)
        return sorted((decode_dispute(body) for (body,) in found), key=lambda one: one.id)

    def put_disputes(self, disputes: Iterable[Dispute]) -> None:
        self._connection.executemany(queries(__package__)["put_dispute"], map(rows.dispute, disputes))

    def drop_disputes(self, ids: Collection[str]) -> None:
        self._connection.execute(queries(__package__)["drop_disputes"], {"ids": to_text(list(ids))})


class Identities:
    """The store's part; `_connections` is the store's."""

    _connections: Connections

    def disputes(self, status: DisputeStatus | None = None) -> Iterator[Dispute]:
        return dispute_pages(lambda after: self._disputes("disputes", {"status": status or "", **after}))

    def dispute(self, dispute_id: str) -> Dispute | None:
        found = self._disputes("disputes_beginning", {"id": dispute_id})
        return decode_dispute(found[0][0]) if len(found) == 1 else None

    def _disputes(self, name: str, asked: rows.Parameters) -> list[rows.Row]:
        with self._connections.translated():
            return self._connections.mine().execute(queries(__package__)[name], asked).fetchall()
