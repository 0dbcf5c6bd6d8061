"""Broadcasts in PostgreSQL: of all partitions at once."""

from datetime import datetime

from engine.model.times import to_us
from engine.ports import FanOut
from engine.store import rows
from engine.store.broadcasts import BroadcastsRead
from engine.store.postgres.connections import Connection
from engine.store.postgres.transactions import ANNOUNCED_ALL, ANNOUNCED_BY_NOBODY, SQL, Transactions


class Broadcasts(BroadcastsRead, Transactions):
    """The store's part."""

    def begin_broadcast(self, fan_out: FanOut, *, shared: bool) -> bool:
        name = "fan_out_everywhere" if shared else "begin_broadcast_alone"
        with self._transaction() as connection:
            if _under_way(connection, fan_out.journey) is not None:
                return False
            return connection.execute(SQL[name], rows.fan_out(fan_out)).rowcount > 0

    def pause(self, journey: str, at: datetime) -> bool:
        return self._change("pause", {"journey": journey, "at_us": to_us(at)}) > 0

    def resume(self, journey: str, at: datetime) -> bool:
        asked = {"journey": journey, "at_us": to_us(at)}
        with self._transaction() as connection:
            connection.execute(SQL["delay"], asked)
            return connection.execute(SQL["resume"], asked).rowcount > 0

    def stop_broadcasts(self, journey: str, at: datetime, *, shared: bool) -> int | None:
        with self._transaction() as connection:
            since_us = _under_way(connection, journey)
            if since_us is None:
                return None
            connection.execute(SQL["stop_fan_outs"], {"journey": journey, "stopped": at.isoformat()})
            asked = {
                "journey": journey,
                "since_us": since_us,
                "at_us": to_us(at),
                "announced": ANNOUNCED_ALL if shared else ANNOUNCED_BY_NOBODY,
            }
            [(stopped,)] = connection.execute(SQL["stop_messages"], asked).fetchall()
        return int(stopped)

    def _change(self, name: str, asked: rows.Parameters) -> int:
        with self._transaction() as connection:
            return connection.execute(SQL[name], asked).rowcount


def _under_way(connection: Connection, journey: str) -> int | None:
    """Keeps others from beginning one until the transaction ends."""
    connection.execute(SQL["lock_broadcast"], {"journey": journey})
    [(at_us,)] = connection.execute(SQL["under_way"], {"journey": journey}).fetchall()
    return None if at_us is None else int(at_us)
