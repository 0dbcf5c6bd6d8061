"""Broadcasts in SQLite."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from engine.model.times import to_us
from engine.ports import FanOut
from engine.store import rows
from engine.store.broadcasts import BroadcastsRead
from engine.store.queries import queries


class Broadcasts(BroadcastsRead):
    """The store's part; `_transaction` and `_read` are the store's."""

    _transaction: Callable[[], AbstractContextManager[sqlite3.Connection]]

    def begin_broadcast(self, fan_out: FanOut, *, shared: bool) -> bool:
        del shared  # there is one partition
        sql = queries(__package__)
        with self._transaction() as connection:
            if _under_way(connection, fan_out.journey) is not None:
                return False
            return connection.execute(sql["begin_broadcast"], rows.fan_out(fan_out)).rowcount > 0

    def pause(self, journey: str, at: datetime) -> bool:
        return self._change("pause", {"journey": journey, "at_us": to_us(at)}) > 0

    def resume(self, journey: str, at: datetime) -> bool:
        asked = {"journey": journey, "at_us": to_us(at)}
        sql = queries(__package__)
        with self._transaction() as connection:
            connection.execute(sql["delay"], asked)
            return connection.execute(sql["resume"], asked).rowcount > 0

    def stop_broadcasts(self, journey: str, at: datetime, *, shared: bool) -> int | None:
        del shared  # nobody is told of it
        sql = queries(__package__)
        with self._transaction() as connection:
            since_us = _under_way(connection, journey)
            if since_us is None:
                return None
            connection.execute(sql["note_stopped"], {"journey": journey, "stopped": at.isoformat()})
            connection.execute(sql["stop_fan_outs"], {"journey": journey})
            asked = {"journey": journey, "since_us": since_us}
            return connection.execute(sql["stop_messages"], asked).rowcount

    def _change(self, name: str, asked: rows.Parameters) -> int:
        with self._transaction() as connection:
            return connection.execute(queries(__package__)[name], asked).rowcount


def _under_way(connection: sqlite3.Connection, journey: str) -> int | None:
    [at_us] = connection.execute(queries(__package__)["under_way"], {"journey": journey}).fetchone()
    return None if at_us is None else int(at_us)
